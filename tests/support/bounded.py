"""Runs reviewcast with at most a minute of the processor and 1.5 GB of addresses.

python -m tests.support.bounded import x.zip
"""

import resource


def main() -> None:
    """Set the limits of this process, and run the command."""
    resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
    resource.setrlimit(resource.RLIMIT_AS, (1_500_000_000, 1_500_000_000))
    from reviewcast.cli import main as run

    run()


if __name__ == "__main__":
    main()
