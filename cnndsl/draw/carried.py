"""Draws with the Graphviz that pygraphviz's wheels carry: DOT on standard input, the picture on standard output.

Run as a program of its own, so that a layout that does not end can be stopped and a crash in C
ends only this process. Arguments: the format, then options as `dot` takes them (`-Gdpi=144`).
"""

import sys


def main() -> None:
    from pygraphviz import AGraph

    kind, *options = sys.argv[1:]
    graph = AGraph(string=sys.stdin.buffer.read().decode())
    sys.stdout.buffer.write(graph.draw(format=kind, prog="dot", args=" ".join(options)))


if __name__ == "__main__":
    main()
