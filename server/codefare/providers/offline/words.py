"""English made of names: splitting them, conjugating verbs, choosing articles."""

from __future__ import annotations

import re


def word_set(text: str) -> frozenset[str]:
    """The words of `text`, which are separated by white space."""
    return frozenset(text.split())


_PARTS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
_ACRONYM = re.compile(r"[A-Z][A-Z0-9]+s?\Z")
_LONGEST_ACRONYM = 5
_SHORTEST_PLURAL = 3
_KNOWN_ACRONYMS = word_set(
    "api ascii cli cpu css csv db dns gpu gui html http https id io ip json jwt lsp md5 os pdf php"
    " ram rest rgb rpc sdk sha sql ssh ssl svg tcp tls toml ui uri url usd utf uuid xml yaml"
)
_VERBS = word_set(
    """
    abort accept acquire activate add adjust adopt advance aggregate align allocate allow analyse
    analyze append apply archive arrange ask assemble assert assign attach authenticate authorize
    await backup begin bind block boot bound bring broadcast browse build calculate call cancel
    capture cast catch change check choose clamp clean cleanup clear click clip clone close collapse
    collate collect combine commit compact compare compile complete compose compress compute concat
    concatenate configure confirm connect consume contain convert copy correct count cover crawl
    create crop cut debug decide declare decline decode decompress decorate decrease decrement
    decrypt define delete deliver demand deny deposit derive describe deserialize destroy detach
    detect determine diff digest disable discard disconnect discover dispatch display dispose divide
    double download draw drain drop dump duplicate edit emit enable encode encrypt end enforce
    enqueue ensure enter enumerate erase escape estimate evaluate evict examine exchange exclude
    execute exit expand expect explain export expose extend extract fail feed fetch fill filter
    finalize find finish fire fit fix flag flatten flip flush focus fold follow force forget fork
    format forward free freeze gather generate get give go grant group grow guard guess halt handle hash
    hide highlight hold identify ignore implement import include increase increment indent infer
    inflate init initialise initialize inject insert inspect install interpolate interpret intersect
    invalidate invert invoke iterate join jump keep kill label launch leave lift limit link listen
    load locate lock log login logout look lookup lower make manage map mark mask match measure
    merge migrate minify mirror modify monitor mount move multiply mutate name negate normalise
    normalize note notify obtain offer open optimise optimize order outline output overwrite pack
    pad paint parse pass paste patch pause peek perform persist pick pin ping place plan play poll
    pop populate post predict prefetch prepare prepend present preserve press prevent print process
    produce profile promote prompt propagate protect provide prune publish pull purge push put query
    queue quit quote raise rank reach react read rebuild receive recognise recognize record recover
    redirect redo reduce refer refine reformat refresh refuse register reject release reload remove
    rename render reopen reorder repair repeat replace replay reply report request require reserve
    reset resize resolve respond restart restore restrict resume retrieve retry return reuse revert
    review revoke rewrite roll rollback rotate round route run sample sanitize save scale scan schedule scroll
    search seek select send separate serialise serialize serve set settle setup share shift shorten
    show shrink shuffle shut shutdown sign simplify simulate skip sleep slice solve sort spawn split
    squash stack start stash stop store stream strip submit subscribe substitute subtract sum suggest
    summarize supply suppress suspend swap switch synchronize sync tag take teardown tell terminate test throw
    tick time toggle tokenize touch trace track train transfer transform translate transpose traverse
    trigger trim truncate try tune turn undo unescape unify uninstall union unlink unload unlock
    unmount unpack unregister unsubscribe unwrap unzip update upgrade upload use validate verify view
    visit wait wake walk warn watch weigh withdraw wrap write yield zip zoom
    """
)
_NOUNS_TOO = word_set(
    """
    backup block bound call cast cause change check click clip count cover cut debug diff digest display
    double dump edit end exit export flag fit focus fold format group guard hash hold import index
    label limit link lock log login look map mark mask match measure mirror name note offer order
    outline output pad pass patch pin place plan play poll post present press process profile prompt query
    queue quote rank record report request reserve result review roll round route run sample scale
    scan scroll search select share shift sign sleep slice sort split stack stash store stream sum supply
    switch tag test tick time touch trace track transfer trigger turn union use view visit wait walk
    watch wrap yield zip zoom release return setup
    """
)
_IRREGULAR = {"be": "is", "have": "has", "do": "does", "go": "goes", "is": "is", "has": "has"}
_NO_ARTICLE = word_set(
    """
    a an the all any both each every many more most no none one some several two three zero as at by
    down for from in into of off on onto out over per to up via with without again and async away
    back concurrently deep forever here if immediately it itself lazily later not now nothing once
    only or otherwise quickly quietly recursively safely self silently so something strictly than
    that them there this through together twice until when where whether which while
    """
)
_SEPARABLE = {
    "backup": "back up",
    "cleanup": "clean up",
    "login": "log in",
    "logout": "log out",
    "lookup": "look up",
    "rollback": "roll back",
    "setup": "set up",
    "shutdown": "shut down",
    "teardown": "tear down",
}
_SINGULAR_S = ("ss", "us", "is", "ics")


def split_name(name: str) -> list[str]:
    """The words of a name, in lower case but for acronyms: `parseHTTPHeader` is parse HTTP header."""
    found = [part for part in _PARTS.findall(name) if part]
    return [_cased(part) for part in found]


def _cased(part: str) -> str:
    if part.lower() in _KNOWN_ACRONYMS:
        return part.upper()
    if part.endswith("s") and part[:-1].lower() in _KNOWN_ACRONYMS:
        return f"{part[:-1].upper()}s"
    return (
        part
        if len(part) > 1 and _ACRONYM.match(part) and len(part) <= _LONGEST_ACRONYM
        else part.lower()
    )


def phrase(words: list[str]) -> str:
    """The words as a phrase."""
    return " ".join(words)


def is_verb(word: str) -> bool:
    """Whether a word can be a verb."""
    return word.lower() in _VERBS


def is_noun_too(word: str) -> bool:
    """Whether a verb is as often a noun: `count`, `index`, `name`."""
    return word.lower() in _NOUNS_TOO


def third_person(verb: str) -> str:
    """`parse` to `parses`."""
    verb, space, particle = _SEPARABLE.get(verb, verb).partition(" ")
    if particle:
        return f"{third_person(verb)}{space}{particle}"
    if verb in _IRREGULAR:
        return _IRREGULAR[verb]
    if verb.endswith(("s", "x", "z", "ch", "sh", "o")):
        return f"{verb}{'z' if verb == 'quiz' else ''}es"
    if verb.endswith("y") and verb[-2:-1] not in "aeiou":
        return f"{verb[:-1]}ies"
    return f"{verb}s"


def infinitive(verb: str) -> str:
    """`lookup` to `look up`; other verbs as they are."""
    return _SEPARABLE.get(verb, verb)


def with_the(words: list[str]) -> str:
    """A noun phrase with "the", where an article can stand."""
    if not words:
        return ""
    first = words[0].lower()
    if first in _NO_ARTICLE or first.endswith("ly") or first.isdigit():
        return phrase(words)
    return f"the {phrase(words)}"


def with_a(words: list[str]) -> str:
    """A noun phrase with "a" or "an"; plurals get "the"."""
    if not words:
        return ""
    text = phrase(words)
    if is_plural(words[-1]):
        return f"the {text}"
    return f"{'an' if _vowel_sound(words[0]) else 'a'} {text}"


def is_plural(word: str) -> bool:
    """Whether a word looks like a plural."""
    return len(word) >= _SHORTEST_PLURAL and word.endswith("s") and not word.endswith(_SINGULAR_S)


def sentence(text: str) -> str:
    """`text` with a capital and a full stop."""
    text = text.strip()
    if not text:
        return ""
    end = "" if text.endswith((".", "!", "?", ":")) else "."
    return f"{text[0].upper()}{text[1:]}{end}"


def joined(parts: list[str], word: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    if not parts[1:]:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {word} {parts[-1]}"


def counted(number: int, noun: str) -> str:
    """`1 branch`, `2 branches`."""
    return f"{number} {noun if number == 1 else _plural(noun)}"


def _plural(noun: str) -> str:
    if noun.endswith(("s", "x", "ch", "sh")):
        return f"{noun}es"
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        return f"{noun[:-1]}ies"
    return f"{noun}s"


def _vowel_sound(word: str) -> bool:
    if (
        word.isupper()
        and len(word) > 1
        and word.lower() not in ("usd", "url", "uri", "uuid", "utf")
    ):
        return word[0] in "AEFHILMNORSX"
    lower = word.lower()
    if lower.startswith(("uni", "use", "usd", "uri", "url", "utf", "uuid", "eu", "one", "ui")):
        return False
    return lower[:1] in set("aeiou") or lower.startswith(("hour", "honest"))
