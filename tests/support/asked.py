"""Questions as an owner, a visitor and a curious friend typed them before they had seen the grammar.

A line each: who asks (`o` the owner, `g` Mia, a guest) and whom, the words, and behind ` | ` what must be heard of the
house that `tests.support.lived_in` furnishes. A line with `> ` goes on with what was said before.
"""

ASKED = r"""
o timmy anything broken? | relay.*no rule
o timmy > how come? | no rule
o timmy did I miss anything? | ^Since you left
o timmy give me the short version of today | ^Today .*three folders
o timmy how's it going with the relay? | relay.*failed
o timmy > and the mill? | mill.*done
o timmy whats your plan for the rest of the day | planned
o timmy what should I do first? | 2 items wait
o timmy is there anything waiting on me | 2 items wait
o timmy what did I approve yesterday? | ^Yesterday you approved two items.*mill.*relay
o timmy who approved the survey of the barn? | ^(You approved|.*you approved) task 7
o timmy how long did the survey take? | 2 minutes
o timmy when did you finish the orchard? | Task 8 .*13:07
o timmy why did the relay fail again | no rule.*three days in a row|three days in a row.*no rule
o timmy how many times has it failed? | three times
o timmy which folders have you looked at today | orchard, barn and attic
o timmy did you find anything stale | orchard.*attic
o timmy what was wrong with the attic | 1 broken link
o timmy what's ezra up to these days? | Ezra
o timmy > is he stuck? | Task 10.*paused
o timmy where's bezalel right now | Bezalel in the|Bezalel is in
o timmy > what's he doing there | Bezalel
o timmy how is everyone | Allegro.*Ezra
o timmy who's been in here? | alexander and mia
o timmy has mia been around | Mia .*the Workshop
o timmy do you remember me? | Alexander
o timmy what do you know about me | Alexander.*owner.*20 hours
o timmy what were you doing before that | last task|counted
o timmy when will you be finished? | planned
o timmy what's in your hands? | not carrying|empty
o timmy what did you dream last night | feeling
o timmy well done on the orchard! | Alexander|record
o timmy that was terrible work | which task|name the task
o timmy please could you tell me, if it is no trouble, what you did this morning? | ^This morning .*two folders
o timmy where is ezra and what is he doing? | Ezra
o timmy what have you been doing since lunch | ^Since 12:00 .*task 8
o timmy since i left, has anything failed | relay
o timmy what's on the lectern | 2 items wait
o timmy > who asked for it? | task 11.*owner
o timmy what is paused and why | Task 10.*look at it first
o timmy who paused ezra's survey | you paused task 10
o timmy when did i last log in | 20 hours
o timmy will the relay pass tomorrow? | cannot know|not on record
o timmy can you keep a secret? | record
o timmy what did mia say to you | Mia
o timmy what did you and bezalel talk about | Bezalel
o timmy promise me you'll fix the relay | promise
o timmy could you survey the garden again | task add
o timmy how do i undo that | "undo"
o timmy who taught you that? | taught|teacher
o timmy are you an AI? | program|mind made
o timmy what model are you? | model
o timmy are you lying to me | on record
o timmy is bezalel your son? | my child|Bezalel's father
o timmy > and who is the youngest? | Allegro-Primus
o timmy who's ezra's father | my child|Ezra's father
o timmy have you got any brothers or sisters | first of the line
o timmy who is your grandchild | Allegro-Primus
o timmy why is it called the Forge? | Forge
o timmy what's the lectern for | awaits your decision
o timmy what is golden | needs your approval
o timmy how do I get rid of a task | "backlog
g ezra hi ezra, I'm Mia, nice to meet you | Mia
g ezra what do you do around here? | architecture
g ezra > do you like it? | feeling
g ezra what was your last job | last thing I did|ago I
g ezra whose house is this | owner
g ezra can I give you something to do | task add
g ezra may I approve the survey? | owner
g ezra what is the owner doing | owner
g ezra who is the boss here | owner
g ezra where's timmy, and is he well? | Timmy
g ezra can you show me around | "tour"
g ezra i'm lost | "tour"
o bezalel what have you made lately | mill
o bezalel did the mill pass | 12 tests, all pass
o bezalel > how did you test it | sandbox
o bezalel are you better than timmy | pinion
o bezalel what did timmy do today | ^Today .*three folders
o bezalel i love what you did with the mill | Alexander
o timmy so what have you achieved since monday? | ^Since Monday .*four folders
o timmy is the relay still broken? | relay.*failed
o timmy > since when? | 06:31
o timmy > who broke it? | task 5
o timmy what about the orchard? | orchard
o timmy what is bezalel working on at the moment | Bezalel
o timmy > and allegro? | Allegro
o timmy > why? | a dispatcher has a desk|Allegro
o timmy I was wondering whether ezra is stuck | Task 10.*paused
o timmy do you know where the lens is? | the Workshop
o timmy could you tell me who lives in the observatory | Allegro's home|Allegro is at home
o timmy how many tasks are there altogether | twelve
o timmy > how many of them failed | ree tasks have failed
o timmy anything urgent? | 2 items wait
o timmy what have I rejected so far | nothing was vetoed
o timmy when did I approve the survey of the barn | 4 hours ago
o timmy did anyone approve task 11 yet | task 11 yet
o timmy when do you write in your journal | journal
o timmy what's the most recent thing you did | ago I|last thing I did
o timmy what happened two days ago | ^2 days ago
o timmy was yesterday a good day | ^Yesterday .*relay
o timmy give me an update on bezalel | Bezalel .*mill
o timmy how do I pause ezra's task | "pause
o timmy what does "veto" mean | refuse
o timmy what's a seal | help seals
o timmy what happens if I do nothing | silence is never consent
o timmy who was here yesterday | 31 March
o timmy you made a mistake | which task|name the task
o timmy would you lie to me | on record
o timmy do you read my email | approved
o timmy can ezra hear us | record.*Ezra
o timmy will you be here tomorrow | cannot know|not on record
g bezalel are you timmy's son | child of Timmy|father is Timmy
g bezalel why did the relay fail | task 5.*failed|Task 5.*failed
g bezalel can I see the report of task 9 | owner
g bezalel is there a map | "map"
g bezalel what's behind the door | Workshop
g bezalel can you come with me | task add
g bezalel what time do you get up | 5:00
o timmy morning! sleep well? | Alexander
o timmy what did you do today and what comes next? | ^Today .*planned
o timmy what did you do the day before yesterday | ^The day before yesterday .*relay
"""
