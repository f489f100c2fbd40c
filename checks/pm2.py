"""What pm2 says of its processes, asked once for all checks that want to know."""


class Processes:
    """The processes that pm2 looks after."""
