"""The words people bring along from other worlds, chats and shells, and what each means here. Data.

Owns the tables. Nothing in them decides, spends, builds or runs: what a word stands for is a line that looks, moves,
speaks or carries, a gesture, or a true sentence. Refuses grammar: that is `reading`'s.
"""

from __future__ import annotations

from collections.abc import Mapping

from commands.intents.scene import words_of


def each(table: Mapping[str, str]) -> dict[str, str]:
    """`a | b` as a key stands for both."""
    return {word.strip(): meaning for words, meaning in table.items() for word in words.split("|")}


COMPASS = each(
    {
        "n | nth": "north",
        "s | sth": "south",
        "e": "east",
        "w": "west",
        "ne | north-east | north east": "northeast",
        "nw | north-west | north west": "northwest",
        "se | south-east | south east": "southeast",
        "sw | south-west | south west": "southwest",
        "u | upstairs | upwards": "up",
        "d | dn | downstairs | downwards": "down",
        "outside | outwards | leave | leave room | leave here | leave the room | get out | go out | exit room": "out",
        "inside | inwards | indoors": "in",
    }
    | {
        word: word
        for word in [
            "north",
            "south",
            "east",
            "west",
            "northeast",
            "northwest",
            "southeast",
            "southwest",
            "up",
            "down",
            "out",
            "in",
        ]
    }
)
"""Directions by every word for them."""

WALK = words_of("go walk goto travel proceed march stroll wander enter visit teleport tp tele warp recall sneak hike")
"""Words after which stands where to, and nothing else."""
STRIDE = words_of("run speedwalk head step climb crawl return move fly join swim jump dash rush take cd use through")
"""Words after which it may stand: if what follows is a way, a room or somebody."""
FILLERS = ("to", "into", "in", "through", "towards", "toward", "over", "back", "up", "down", "onto", "on", "off", "via")

LIKE = each(
    {
        "x | exa | exam | examine | inspect | observe | gaze | peer | peek | glance | view | lk": "look",
        "lo | behold | consider | con | ls": "look",
        "take | grab | collect | obtain | fetch | pick up | pick | g": "get",
        "put down | put | place | lay down | discard | throw | throw away | toss | dr": "drop",
        "hand | offer": "give",
        "shout | yell | scream | exclaim | speak | utter | mutter | ooc | chat | gossip | gos | gt | holler": "say",
        "talk | sing | auction | newbie | gtell | announce | state | tell everyone | tell all | sa": "say",
        "me | em | pose | act": "emote",
        "msg | message | dm | pm | t | send | talk to | speak to | speak with | chat with | talk with": "tell",
        "inven | items | bag | backpack | pack | equipment | eq | equip | worn | gear | holding | invent": "inventory",
        "wh": "whisper",
        "man | info on | h | hlp": "help",
        "unfollow": "unwatch",
        "cat | less | more | head": "look",
        "bored of": "hush",
        "whois | finger": "agents",
    }
)
"""Beginnings of a line that are other words for a beginning."""

PHRASES = each(
    {
        # where and who
        "look around | look about | look here | look room | glance | where am i | where am i now "
        "| what is this place": "look",
        "what's here | what is here | what do i see | what can i see | what is around me | describe room | ll": "look",
        "where is this | what room is this | what room am i in | which room is this | surroundings | examine": "look",
        "examine room | look at room | inspect | dir | ls | ls -l | ls -la": "look",
        "exits | exit list | ways out | obvious exits | directions | doors | which way | list exits "
        "| show exits": "ways",
        "where can i go | where can i go from here | how do i get out | what exits are there": "ways",
        "score | sc | stats | stat | sco | whoami | who am i | profile | char | character | my status | me": "score",
        "my stats | attributes | scorecard | my profile | affects | condition | whats my name": "score",
        "where | where is everyone | where is everybody | where are they | where are all agents | roster": "agents",
        "ps | top | htop | who lives here | who works here | list agents | who are agents | bots": "agents",
        "who is working | what is everyone doing | what are they doing | what is everybody doing": "agents",
        "wake everybody | wake everyone | wake up everybody | wake up everyone | wake everybody up": "agents",
        "who's working | what are you all doing | what are agents doing | who is busy | staff": "agents",
        "who is here | who's here | whos here | who is online | who's online | whos online | who is on": "who;agents",
        "anyone here | is anyone here | is anybody here | anybody here | anyone home | is anyone there": "who;agents",
        "users | online | players | who's around | who is around | who else is here | names | people": "who;agents",
        "is anyone around | is anybody there | anybody home | hello anyone | whoson | userlist": "who;agents",
        "scan | area | areas | worldmap | world map | minimap | automap | atlas | list rooms | rooms | pwd": "map",
        "show map | where are rooms | floor plan | overview": "map",
        # what there is to know and to do
        "commands | cmds | cmd | menu | verbs | command list | list commands | h | hlp | man | info": "help",
        "manual | instructions | guide | faq | wizhelp | helpme | help me | help please | i need help": "help",
        "what are the commands | how do i play | how to play | how does this work | usage | man pages": "help",
        "what can i type | how do you play | how do i use this | tutorial | getting started | newbie help": "help",
        "i'm lost | im lost | i am lost | i'm confused | i'm new | i am new here | i'm new here | im new": "help",
        "what commands are there | which commands are there | show commands | hilfe | helpfile | docs": "help",
        "what can i do | what can i do here | what do i do | what do i do now | what now | what next": "here",
        "what should i do | what is there to do | now what | what to do | hint | hints | actions": "here",
        "what happens here | what is this room for | what can be done here | options here": "here",
        "news | motd | what's new | whats new | what is new | any news | what happened | updates | update": "arrival",
        "what's happening | what is happening | what did i miss | catch me up | what's going on": "arrival",
        "what is going on | whats happening | whats going on | what happened while i was away": "arrival",
        "what happened while i was gone | what happened overnight | briefing | summary | digest": "arrival",
        "notices | headlines | bulletin | what have i missed | good morning report | give me a summary": "arrival",
        "log | recent | events | activity | journal | what just happened | last | tail": "feed",
        "status report | how are things | how is everything | how is everything going | health check": "status",
        "uptime | df | free | system status | is everything ok | is everything all right | sysinfo": "status",
        "is everything working | is anything broken | are you running | statistics | world status": "status",
        "inbox | pending | what's waiting | what is waiting | what's waiting for me | what needs me": "lectern",
        "what needs my approval | what is waiting for me | anything to approve | anything for me": "lectern",
        "what do i have to decide | what is pending | what's pending | what needs approving": "lectern",
        "anything to decide | what needs deciding | what needs a decision | waiting | my inbox": "lectern",
        "anything waiting | is there anything to approve | what do you need from me | requests": "lectern",
        "quests | quest | jobs | job | missions | mission | todo | to do | todo list | to-do list": "board",
        "what are the tasks | list tasks | show tasks | all tasks | tasks | what's on the board": "board",
        "what is on the board | job list | task list | questlog | quest log | read board": "board",
        "reports | results | finished tasks | completed tasks | done | what was done | show reports": "board completed",
        "what is done | what has been done | what got done | achievements": "board completed",
        "what is running | what's running | running tasks | what are you working on": "board running",
        "what failed | what went wrong | failures | errors | what broke | failed tasks": "board failed",
        "skills | spells | abilities | what can they do | what can you do for me | what work can you do": "kinds",
        "what kinds of tasks are there | what can agents do | capabilities | what tasks are there": "kinds",
        "read notes | read the notes | any notes | are there any notes | any notes here | notice board": "notes",
        "what was vetoed | what was refused | what did i veto | what did i refuse | list vetoes": "vetoes",
        "mail | tells | replay | conversation | chat log | chatlog | my messages | scrollback": "messages",
        "repeat | again | !! | repeat that | say that again | what did you say | replay last": "history 1",
        "time | date | clock | what time is it | what's the time | what day is it | what's the date": "time",
        "version | credits | about | ver | what is this | what is this game | what game is this": "about",
        "what is this world | what mud is this | uname": "about",
        # coming and going, carrying
        "exit | logout | logoff | log out | log off | disconnect | camp | rent | q | :q | :wq | quit game": "quit",
        "quit now | i quit | exit game | leave game | close connection | bye bye | logout now | qq": "quit",
        "what do i have | what am i carrying | what do i carry | my things | my stuff | my items": "inventory",
        "afk | brb | be right back | away from keyboard | away for a bit": "emote will be back in a while.",
        "back | i'm back | im back | here again": "emote is back.",
        "map please": "map",
        "home | hub | recall | start | go home | go back to start | back to start | go to start | town": "go hall",
        "go back | back up | return | previous room | go back there": "go back",
        "screenreader | screen reader | plain mode | accessibility | blind mode": "help plain",
        "rules | policy | terms": "help permissions",
    }
)
"""Whole lines, in other words; `a;b` is both, one after the other. Compared without articles where there are any."""

NOUNS = each(
    {
        "board | task board | tasks | task list | quests | jobs | work | todo list | backlog board": "board",
        "lectern | approvals lectern | approvals | approval list | inbox | pending | what is waiting": "lectern",
        "what's waiting | what needs me | pending approvals | pending items | queue | requests": "lectern",
        "map | world | rooms | surroundings | area": "map",
        "agents | roster | staff | bots | everyone | everybody | team | who is where | crew": "agents",
        "status | state | how things stand | state of things | health": "status",
        "help | commands | manual | instructions | options": "help",
        "news | updates | what happened | what is new | what's new | briefing | what i missed": "arrival",
        "inventory | my inventory | my things | my items | what i have | stuff": "inventory",
        "messages | mail | conversation | chat": "messages",
        "feed | log | events | activity | what is happening": "feed",
        "history | scrollback": "history",
        "exits | ways | doors | ways out": "ways",
        "kinds | kinds of task | kinds of tasks | skills | spells": "kinds",
        "score | stats | my stats | me | profile | my profile": "score",
        "time | date | clock": "time",
        "thoughts": "thoughts",
        "reports | results | finished tasks | completed tasks | achievements": "board completed",
        "failures | failed tasks | errors": "board failed",
        "open tasks | waiting tasks | pending tasks | unfinished tasks | my tasks": "board",
        "running tasks": "board running",
        "here | room | this room | around | place": "look",
    }
)
"""What can be shown, by what it is called after show me, list, give me…"""

TOPICS = each(
    {
        "approv | decid | verdict | accept | reject | refuse | allow | veto": "verdicts",
        "undo | seal | take back": "seals",
        "task | work | survey | repositor | job | order | ask for": "tasks",
        "talk | speak | chat | say | ask | whisper": "talking",
        "move | walk | go | get to | leave | navigate | travel": "walking",
        "quit | log | connect | password | disconnect": "connecting",
        "build | dig | make a room": "building",
        "risk": "risk",
        "report | result": "reports",
        "plan": "plans",
        "model | ollama | llm": "cascade",
        "plain | colour | color | screen reader": "plain",
        "type | number | command": "typing",
    }
)
"""Beginnings of words in `how do I …`, and the page of help that tells."""

ABSENT = {
    "fight": (
        "kill k attack fight hit punch kick stab shoot slay murder bash backstab strike bite assassinate flee rescue "
        "assist disarm wimpy duel challenge spar smash behead pk ambush parry dodge",
        "Nobody is hurt here, and there is nobody to fight. The only enemy is broken code: "
        "task add Survey <path> looks for it.",
    ),
    "magic": (
        "cast c spell pray enchant summon invoke conjure curse bless heal banish chant",
        "There is no magic here. The agents work with real tools, and kinds lists what you can ask them for.",
    ),
    "growth": (
        "level levels exp xp experience train practice practise hp health mana gain class race advance rank reroll "
        "alignment remort hitpoints stamina fame",
        "There are no levels here, and no points to count. score says who you are, and the Achievement Hall shows "
        "what has been done.",
    ),
    "trade": (
        "gold money coins coin balance wallet worth buy sell shop value bank deposit withdraw pay steal rob barter "
        "trade bid loot price cash",
        "Nothing is bought or sold here, and nobody carries money.",
    ),
    "wear": (
        "wear wield unwield remove hold don doff undress dress sheath unsheathe draw",
        "You carry things in your hands; nothing here is worn. inventory lists them.",
    ),
    "food": (
        "eat drink sip taste cook fill bake quaff devour hunger thirst feed me",
        "You need neither food nor drink here, and there is none.",
    ),
    "saving": ("save autosave", "Everything is saved as it happens, so there is nothing you need to save."),
    "display": (
        "brief verbose compact prompt wrap width ansi autoexit autoexits autoloot config toggle settings set colour "
        "linewrap pager mxp gmcp msdp mccp term terminal charset screenwidth clear cls reset font theme",
        "A room is shown in full the first time and in brief after that; look shows it in full. plain on takes away "
        "columns and colours, and option lists what your client is sent.",
    ),
    "short": (
        "alias unalias macro bind trigger",
        "Make commands of your own with nick, for example: nick gl = go library. nicks lists them.",
    ),
    "hands": (
        "push pull turn press twist operate activate rub tap shake knock ring read break smash unlock lock lift "
        "open close shut pry dig mine chop fish forage craft repair light use climb extinguish tie untie insert plant",
        "There is nothing here to work by hand. Doors open by themselves for anybody who may pass; look shows what is "
        "here, and here says what you can do.",
    ),
    "gestures": (
        "socials emotes socs emotelist",
        "Gestures are typed as they are, for example: smile, or wave timmy. emote <words> does anything else.",
    ),
    "weather": (
        "weather tide season forecast",
        "There is no weather in here. time tells the hour, and look shows the room.",
    ),
    "senses": (
        "listen smell sniff touch feel hear search lick",
        "There is no more to it than look shows. You can look at every noun in a description.",
    ),
    "bodies": (
        "hide sneak ride mount dismount tame swim fly group party invite ungroup split order ally guild clan marry",
        "You cannot do that. Type here to see what you can do in this room.",
    ),
    "shell": (
        "git python python3 pip npm make bash sh ssh vim vi nano rm mv cp mkdir touch curl wget sudo su chmod grep "
        "docker systemctl apt echo printenv export source cargo go.mod node java ping telnet tail awk sed find.exe "
        "uname ifconfig ip rmdir chown tar crontab nohup tmux screen irssi",
        "This is not a shell: nothing typed here runs on the machine. To have work done on files, propose a task, "
        "for example: task add Survey <path>",
    ),
    "entering": (
        "connect login logon relogin register signup",
        "You are logged in already. quit logs you out, and help lists what you can type.",
    ),
    "irc": (
        "join part topic op deop mode notice names whowas away ignore unignore block mute subscribe",
        "There are no chat rooms to join: everybody in a room hears what is said there. channel lists the "
        "channels that reach everybody.",
    ),
    "emptiness": (
        "xyzzy plugh plover foo bar test testing abracadabra",
        "There is no '{}' here. Nothing happens.",
    ),
    "voting": ("vote rate donate premium", "There is nothing here to vote or pay for."),
    "reporting": (
        "bug typo idea report suggest feedback complain",
        "The world records its own faults at the Forge. Propose anything else as a task, for example: "
        "task add <what is wrong>",
    ),
    "reins": (
        "follow shadow lead guard",
        "You walk by yourself here. watch <agent> shows you each of its steps, and go <agent> takes you to it.",
    ),
}
"""Deeds that this world does not have, with the sentence that says so."""
SENTENCES: Mapping[str, str] = {word: text for words, text in ABSENT.values() for word in words.split()}
ALONE = words_of("read reset report update set find go.mod feed me party test order force value rank hold")
"""Of them those that mean so only by themselves or before a noun of the room, and begin other lines as well."""

GESTURES = each(
    {
        "smile": "smiles |at",
        "grin": "grins |at",
        "wave": "waves |at",
        "nod": "nods |to",
        "bow": "bows |to",
        "laugh | rofl | roflmao": "laughs |at",
        "chuckle": "chuckles |at",
        "giggle": "giggles |at",
        "shrug": "shrugs |at",
        "sigh": "sighs |at",
        "wink": "winks |at",
        "frown": "frowns |at",
        "cry | weep | sob": "cries |before",
        "yawn": "yawns |at",
        "dance": "dances |with",
        "clap | applaud": "claps |for",
        "cheer": "cheers |for",
        "hug": "spreads both arms |hugs",
        "pat": "pats the air |pats",
        "poke": "pokes the air |pokes",
        "tickle": "wiggles ten fingers |tickles",
        "kiss": "blows a kiss |blows a kiss to",
        "salute": "salutes |",
        "curtsy | curtsey": "curtsies |to",
        "blush": "blushes |before",
        "think | ponder | hmm": "thinks it over |looks thoughtfully at",
        "stretch": "stretches |before",
        "whistle": "whistles |at",
        "cough": "coughs |at",
        "gasp": "gasps |at",
        "sneeze": "sneezes |at",
        "beckon | beep": "beckons |to",
        "point": "points ahead |points at",
        "stare": "stares into the air |stares at",
        "facepalm": "covers the eyes with one hand |covers the eyes before",
        "beam": "beams |at",
        "agree": "nods in agreement |agrees with",
        "disagree | shake head": "shakes the head |disagrees with",
        "shake hands | handshake": "holds out a hand |shakes hands with",
        "highfive | high five": "raises a hand |slaps hands with",
        "greet": "greets everybody |greets",
        "comfort": "looks kind |comforts",
        "snap": "snaps two fingers |snaps two fingers at",
        "scratch": "scratches an ear |scratches an ear at",
        "tap foot": "taps one foot |taps one foot before",
        "slap": "slaps the table |slaps the table before",
        "sit | sit down": "sits down |sits down beside",
        "stand | stand up | get up": "stands up |stands up before",
        "rest": "rests for a while |rests beside",
        "sleep | nap": "dozes for a moment |dozes beside",
        "wake | wake up": "is wide awake |looks whether anybody is awake beside",
        "lie | lie down": "lies down |lies down beside",
        "kneel": "kneels |before",
        "jump | hop": "jumps |before",
        "spin": "spins round |spins round before",
    }
)
"""Gestures: what others see, and before `|` what they see where nobody is meant, behind it how somebody is."""

TALK = words_of(
    "hi hello hey hiya howdy heya yo greetings hallo hola sup wassup hey-there gday morning evening goodbye "
    "bye cya thank ttyl see "
    "farewell goodnight ciao later-all thanks thx ty thankyou cheers lol lmao haha hahaha heh hehe rofl cool nice "
    "wow great awesome neat sweet interesting hm hmm ah oh ooh aha wtf omg gg welcome sorry congrats congratulations "
    "yay ugh meh damn dang whoa brilliant excellent wonderful lovely perfect fantastic amazing impressive right "
    "true false maybe perhaps indeed really obviously exactly good bad well yawn boring fun funny same gj nj ikr "
    "idk np yw nvmd hehehe xd :) :( :d ;) :p <3 o/ \\o ^^ :-) :-( welcome-back wb gn gm tyvm ta thank-you"
)
"""Words with which a line is talk, whatever follows."""
OPENERS = words_of(
    "i i'm im i'd i'll i've you you're your we we're they he she it it's its that that's this these those there "
    "there's here's who who's whos what what's whats when where's how how's hows why's which whose is are am was "
    "were do does did don't doesn't didn't can't could would should will won't shall may might must have has had "
    "if but and so because my our let's lets nobody someone everyone anyone please tell good just not never "
    "always today tomorrow yesterday glad happy can dear well then also or be any every all another some"
)
"""Words with which a sentence begins, and no command."""
