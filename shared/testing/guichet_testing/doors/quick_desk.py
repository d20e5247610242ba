"""The desk with passwords that cost next to nothing, for tests of what else holds a guesser up. It takes its place."""

from agent_desk.__main__ import main
from guichet_testing.builders.quick_passwords import hash_quickly

if __name__ == "__main__":
    hash_quickly()
    main()
