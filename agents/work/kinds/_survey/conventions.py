"""What survey goes by: languages by file name, and what makes a file and a function a test.

Data and one look-up. Python's tests are not here: they are found by parsing.
"""

from __future__ import annotations

LANGUAGES = {
    "py": "Python", "pyi": "Python", "js": "JavaScript", "mjs": "JavaScript", "cjs": "JavaScript",
    "jsx": "JavaScript", "ts": "TypeScript", "tsx": "TypeScript", "go": "Go", "rs": "Rust", "c": "C",
    "h": "C", "cc": "C++", "cpp": "C++", "cxx": "C++", "hpp": "C++", "hh": "C++", "java": "Java",
    "kt": "Kotlin", "kts": "Kotlin", "scala": "Scala", "rb": "Ruby", "php": "PHP", "cs": "C#", "fs": "F#",
    "swift": "Swift", "m": "Objective-C", "lua": "Lua", "pl": "Perl", "pm": "Perl", "r": "R", "jl": "Julia",
    "hs": "Haskell", "ml": "OCaml", "ex": "Elixir", "exs": "Elixir", "erl": "Erlang", "clj": "Clojure",
    "el": "Emacs Lisp", "lisp": "Lisp", "dart": "Dart", "zig": "Zig", "nim": "Nim", "sql": "SQL",
    "sh": "Shell", "bash": "Shell", "zsh": "Shell", "bats": "Shell", "fish": "Shell", "ps1": "PowerShell",
    "bat": "Batch", "html": "HTML", "htm": "HTML", "css": "CSS", "scss": "CSS", "less": "CSS", "vue": "Vue",
    "svelte": "Svelte", "json": "JSON", "yaml": "YAML", "yml": "YAML", "toml": "TOML", "ini": "INI",
    "cfg": "INI", "xml": "XML", "svg": "SVG", "md": "Markdown", "rst": "reStructuredText", "txt": "Text",
    "tex": "TeX", "csv": "CSV", "proto": "Protocol Buffers", "tf": "Terraform", "nix": "Nix", "cmake": "CMake",
    "gradle": "Gradle", "diff": "Diff", "patch": "Diff",
}
NAMED = {"makefile": "Makefile", "dockerfile": "Dockerfile", "cmakelists.txt": "CMake", "rakefile": "Ruby", "gemfile": "Ruby"}

# What makes a file one of tests, by its path, and what makes a test in it. Python is parsed instead.
TESTS: dict[str, tuple[str, str]] = {
    "JavaScript": (r"(\.|_|-)(test|spec)\.\w+$|(^|/)(__tests__|tests?)/", r"^[ \t]*(?:it|test)(?:\.\w+)*[ \t]*\("),
    "TypeScript": (r"(\.|_|-)(test|spec)\.\w+$|(^|/)(__tests__|tests?)/", r"^[ \t]*(?:it|test)(?:\.\w+)*[ \t]*\("),
    "Go": (r"_test\.go$", r"^func (?:Test|Fuzz)\w*\("),
    "Rust": (r"\.rs$", r"^[ \t]*#\[(?:\w+::)*test(?:\([^)\n]*\))?\]"),
    "Java": (r"(^|/)(Test\w*|\w*Tests?|\w*IT)\.java$", r"^[ \t]*@(?:Parameterized)?Test\b"),
    "Kotlin": (r"(^|/)(Test\w*|\w*Tests?)\.kts?$", r"^[ \t]*@(?:Parameterized)?Test\b"),
    "C#": (r"Tests?\.cs$", r"^[ \t]*\[(?:Fact|Theory|Test|TestCase|TestMethod)\b"),
    "Ruby": (r"_(spec|test)\.rb$|(^|/)test_\w+\.rb$", r"^[ \t]*(?:it[ \t]+[\"']|specify\b|def test_|test[ \t]+[\"'])"),
    "PHP": (r"Test\.php$", r"^[ \t]*(?:\w+[ \t]+)*function test\w*\("),
    "Elixir": (r"_test\.exs$", r"^[ \t]*test[ \t]+\""),
    "Shell": (r"\.bats$", r"^@test "),
    "C++": (r"(^|/|_)tests?(_|/|\.)", r"^[ \t]*(?:TEST(?:_F|_P)?|TEST_CASE)\("),
}


def language(path: bytes) -> str:
    """By the file's name alone; `other` for an unknown one."""
    name = path.rsplit(b"/", 1)[-1].decode("utf-8", "replace").lower()
    return NAMED.get(name) or LANGUAGES.get(name.rpartition(".")[2] if "." in name else "", "other")
