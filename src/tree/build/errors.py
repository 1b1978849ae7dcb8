"""errors.py: a script says why it does not go on, in one line, and exits with status 2, or 74 where the system refuses."""
import sys


class Refused(Exception):
    """Input that cannot be used: the message is for the user."""


def run(main):
    """main() with its refusals printed as messages; a closed pipe is no error of ours."""
    try:
        sys.exit(main())
    except Refused as why:
        sys.stdout.flush()
        print(f"{sys.argv[0].rsplit('/', 1)[-1]}: {why}", file=sys.stderr)
        sys.exit(2)
    except BrokenPipeError:
        sys.exit(1)
    except OSError as why:
        sys.stdout.flush()
        print(f"{sys.argv[0].rsplit('/', 1)[-1]}: {why.filename}: {why.strerror}", file=sys.stderr)
        sys.exit(74)
