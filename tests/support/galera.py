"""A cluster of MariaDB servers with Galera. Each has all rows and accepts writes."""

from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from . import processes
from .private import MariaDB
from .processes import eventually
from .sql import execute

PACKAGES = "galera-4 mariadb-server"
LIBRARY = Path("/usr/lib/galera/libgalera_smm.so")
A_WHILE = 60.0  # seconds

STATUS = "SHOW GLOBAL STATUS WHERE Variable_name = :name"


class Node(MariaDB):
    """A node. The first one creates the cluster; others copy its data when they join.

    Args:
        others: the nodes of the cluster so far.
    """

    needs = (*MariaDB.needs, "wsrep_sst_rsync")

    def __init__(self, others: Sequence["Node"] = ()) -> None:
        super().__init__()
        self.group, self.changes, self.copies = (processes.free_port() for _ in range(3))
        self.nodes: list[Node] = [*others, self]
        self.creates = not others
        for node in others:
            node.nodes.append(self)
            self.password = node.password

    @classmethod
    def installed(cls) -> dict[str, str]:
        return super().installed() if LIBRARY.is_file() else {}

    def _install(self) -> dict[str, str]:
        processes.apt_install(PACKAGES, "Galera")
        return self.installed()

    def initialize(self) -> None:
        if self.creates:
            super().initialize()
        else:
            self.run("mkdir", self.data)

    def command(self) -> list[str | Path]:
        """Return the command. Its options are in a file, which the programs that copy data read."""
        others = ("--no-defaults", "--skip-log-bin", *(() if self.creates else ("--init-file",)))
        options = [it for it in map(str, super().command()[1:]) if not it.startswith(others)]
        members = ",".join(f"127.0.0.1:{node.group}" for node in self.nodes)
        addresses = (
            f"gmcast.listen_addr=tcp://127.0.0.1:{self.group};"
            f"ist.recv_addr=127.0.0.1:{self.changes}"
        )
        options += [
            "--binlog-format=ROW",
            "--innodb-autoinc-lock-mode=2",
            "--wsrep-on=ON",
            f"--wsrep-provider={LIBRARY}",
            f"--wsrep-provider-options={addresses}",
            f"--wsrep-cluster-address=gcomm://{members}",
            "--wsrep-node-address=127.0.0.1",
            f"--wsrep-node-incoming-address=127.0.0.1:{self.port}",
            "--wsrep-sst-method=rsync",
            f"--wsrep-sst-receive-address=127.0.0.1:{self.copies}",
        ]
        file = self.folder / "my.cnf"
        file.write_text("\n".join(["[mysqld]", *(it.removeprefix("--") for it in options)]))
        file.chmod(0o644)
        creates = ["--wsrep-new-cluster"] if self.creates else []
        return [self.programs["mariadbd"], f"--defaults-file={file}", *creates]

    def status(self, name: str) -> str:
        """Return a value of its status; empty while it does not answer."""
        try:
            return str(execute(self.server.url, STATUS, {"name": name})[0][1])
        except (DBAPIError, OSError):
            return ""


@contextmanager
def cluster(size: int) -> Generator[list[Node]]:
    """Run a cluster while the block runs, and yield its nodes."""
    nodes: list[Node] = []
    with ExitStack() as stack:
        for _ in range(size):
            nodes.append(stack.enter_context(Node(nodes)))
            nodes[0].creates = False  # when it starts again
        assert joined(nodes), [node.status("wsrep_cluster_size") for node in nodes]
        yield nodes


def joined(nodes: Sequence[Node]) -> bool:
    """Wait until all these nodes are the cluster, and have all its rows."""
    return eventually(
        lambda: all(
            node.status("wsrep_cluster_size") == str(len(nodes))
            and node.status("wsrep_local_state_comment") == "Synced"
            for node in nodes
        ),
        seconds=A_WHILE,
    )
