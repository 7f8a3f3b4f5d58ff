"""`python -m reviewcast` is the `reviewcast` command."""


def main() -> None:
    """Run the command line.

    Nothing is imported before: worker processes load this module to learn what the program is.
    """
    from reviewcast.cli import main as run

    run()


if __name__ == "__main__":
    main()
