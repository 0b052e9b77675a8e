"""`make docs`: build the site in build/docs, with every warning as an error."""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from tools.bootstrap import uv_environment

from . import pages, reference

ROOT = pages.ROOT
LOCK = ROOT / "tools" / "docs.lock"
ENVIRONMENT = ROOT / "build" / "docs-env"
STAMP = ENVIRONMENT / "stamp"
SOURCE = ROOT / "build" / "docs-source"
SITE = ROOT / "build" / "docs"


def main() -> None:
    install()
    shutil.rmtree(SOURCE, ignore_errors=True)
    generated = reference.pages()
    pages.write(SOURCE, generated)
    shutil.rmtree(SITE, ignore_errors=True)
    # -E reads every page: the source is written anew for each build.
    sphinx = (str(ENVIRONMENT / "bin" / "sphinx-build"), "--fail-on-warning", "--keep-going", "-E")
    here = str(Path(__file__).parent)
    run(
        *sphinx,
        "--quiet",
        "-j",
        "auto",
        "-c",
        here,
        "-d",
        f"{SOURCE}-trees",
        str(SOURCE),
        str(SITE),
    )
    print(f"docs: open {(SITE / 'index.html').relative_to(ROOT)}, or serve the folder with:")
    print("docs: python3 -m http.server --directory build/docs")


def install() -> None:
    """Install Sphinx in its own environment, with the hashes of tools/docs.lock, if that changed."""
    stamp = f"{hashlib.sha256(LOCK.read_bytes()).hexdigest()} {sys.version} {ROOT}\n"
    if STAMP.is_file() and STAMP.read_text() == stamp:
        return
    print("docs: installing the packages of tools/docs.lock", flush=True)
    uv = str(Path(sys.executable).with_name("uv"))
    env = uv_environment(sys.executable)
    run(uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(ENVIRONMENT), env=env)
    python = str(ENVIRONMENT / "bin" / "python")
    sync = (uv, "pip", "sync", "--quiet", "--python", python, "--require-hashes")
    run(*sync, str(LOCK), env=env)
    STAMP.write_text(stamp)


def run(*command: str, env: dict[str, str] | None = None) -> None:
    done = subprocess.run(command, cwd=ROOT, env=env, check=False, stdin=subprocess.DEVNULL)
    if done.returncode:
        sys.exit(f"docs: `{command[0]}` failed with exit code {done.returncode}; see above.")


if __name__ == "__main__":
    main()
