"""``python -m maeum`` is the command ``maeum``."""

from maeum_command import main

if __name__ == "__main__":
    main()
