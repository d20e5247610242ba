"""The desk with passwords that cost next to nothing, for tests of what else holds a guesser up. It takes its place."""

import runpy

from guichet_testing.builders.quick_passwords import hash_quickly

if __name__ == "__main__":
    hash_quickly()
    runpy.run_module("agent_desk", run_name="__main__")
