"""Programs that are nearly valid: one slip in a valid one, as a hurried hand makes it."""

from __future__ import annotations

import re
from random import Random

TOKEN = re.compile(r"\w+|->|\.\.|//|\*\*|[-+*/%=<>!]=?|[(){}\[\]|,.:;?\"#]|\s+")
STRANGE = ("(", ")", "{", "}", "|", "->", ",", "=", "*", "..", "[", "]", "\n", ";", "?", '"', "é", "@", "0", "-1", "in")
WORDS = ("net", "block", "if", "else", "for", "input", "output", "let", "conv", "Conv2d", "padding", "relu", "true")


def mutated(rng: Random, text: str) -> str:
    """The text with one or two slips: a token lost, doubled, swapped, misspelled, or another number."""
    tokens = TOKEN.findall(text)
    for _ in range(rng.choice([1, 1, 2])):
        solid = [place for place, token in enumerate(tokens) if not token.isspace()]
        if not solid:  # nothing but characters that no token has
            break
        place = rng.choice(solid)
        match rng.randrange(7):
            case 0:
                del tokens[place]
            case 1:
                tokens.insert(place, tokens[place])
            case 2:
                other = rng.choice(solid)
                tokens[place], tokens[other] = tokens[other], tokens[place]
            case 3:
                tokens.insert(place, rng.choice(STRANGE))
            case 4:
                tokens[place] = rng.choice(WORDS)
            case 5:
                numbers = [spot for spot in solid if tokens[spot].isdigit()] or [place]
                tokens[rng.choice(numbers)] = str(rng.choice([0, 1, 7, 13, 100, 10**9, 2**31, 10**40]))
            case _:
                token = tokens[place]
                spot = rng.randrange(len(token))
                tokens[place] = token[:spot] + rng.choice("xyz_19") + token[spot + 1 :]
    return "".join(tokens)
