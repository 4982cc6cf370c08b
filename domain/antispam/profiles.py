"""What people write about themselves: the name, the username, the bio."""

import re
from dataclasses import dataclass

from domain.antispam.checks import ADDRESS
from domain.antispam.evidence import ENOUGH, Evidence
from domain.antispam.folding import squeeze
from domain.antispam.links import is_allowed, parse_link
from domain.antispam.words import WordList

NAME_POINTS, BIO_POINTS = 60, 40
LONGEST_FOUND = 60  # characters of what was found that are kept
_MENTION = re.compile(r"(?<![\w@.])@([A-Za-z]\w{3,31})")
# Ends of bare addresses: in names, "Dr.Smith" and "J.R.Lee" are none.
_ENDS = frozenset(
    (
        "app", "bet", "biz", "cc", "click", "club", "com", "fun", "info", "io", "link", "live", "me", "money",
        "net", "online", "org", "pro", "pw", "ru", "shop", "site", "space", "store", "su", "top", "tv", "ua",
        "vip", "website", "win", "xxx", "xyz",
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known of somebody; `bio` is None while nobody has asked for it, or where there is none."""

    name: str
    username: str | None
    bio: str | None = None


def profile_words(profile: Profile, listed: WordList) -> Evidence | None:
    """A listed word in a profile, in any disguise."""
    username = (profile.username or "").replace("_", " ")
    for place, text in (("name", profile.name), ("username", username), ("bio", profile.bio or "")):
        found = listed.find(text, squeeze(text)) if text else None
        if found is not None:
            return _evidence(ENOUGH, f"{place}_word", found)
    return None


def advertising_name(profile: Profile, allowed: frozenset[str]) -> Evidence | None:
    """A name that holds an address or somebody else's @username. His own is no advertisement."""
    own = (profile.username or "").lower()
    for address in ADDRESS.findall(profile.name):
        link = parse_link(address)
        if "/" not in address and link.host.rpartition(".")[2] not in _ENDS:
            continue
        if not is_allowed(link, allowed, 0) and (link.name is None or link.name != own):
            return _evidence(NAME_POINTS, "name_link", address)
    for mention in _MENTION.findall(profile.name):
        if mention.lower() != own and f"@{mention.lower()}" not in allowed:
            return _evidence(NAME_POINTS, "name_mention", f"@{mention}")
    return None


def inviting_bio(profile: Profile) -> Evidence | None:
    """A bio with an invite link. Channels and pages of one's own are common in it, and mean nothing."""
    for address in ADDRESS.findall(profile.bio or ""):
        if parse_link(address).invite:
            return _evidence(BIO_POINTS, "bio_invite", address)
    return None


def _evidence(points: int, what: str, found: str) -> Evidence:
    return Evidence("profile", points, {"what": what, "found": found[:LONGEST_FOUND]})
