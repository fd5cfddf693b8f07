"""shells.py PREFIX: what is installed below PREFIX completes in bash, zsh and fish, typed at a prompt,
and `man` shows every page."""

import os
import pty
import re
import select
import subprocess
import sys
import time
from pathlib import Path

prefix = Path(sys.argv[1])
share = prefix / "share"
env = {"PATH": f"{prefix}/bin:/usr/bin:/bin", "HOME": "/nonexistent", "TERM": "dumb", "PS1": "> ", "LC_ALL": "C.UTF-8"}


def typed(command, *lines, expect):
    """What a shell shows on a terminal after these lines, until it shows what is expected."""
    process, terminal = pty.fork()
    if process == 0:
        os.execvpe(command[0], command, env)
    shown, end = b"", time.monotonic() + 30
    for line in lines:
        time.sleep(0.5)
        os.write(terminal, line.encode())
    while time.monotonic() < end and not re.search(expect, shown.decode(errors="replace")):
        if select.select([terminal], [], [], 0.2)[0]:
            try:
                shown += os.read(terminal, 4096)
            except OSError:
                break
    os.close(terminal)
    os.kill(process, 9)
    os.waitpid(process, 0)
    text = shown.decode(errors="replace")
    assert re.search(expect, text), f"{command[0]} shows:\n{text}"


# `for` is typed; `forecast` can only come from the completion.
typed(["bash", "--norc", "--noprofile", "-i"], f"source {share}/bash-completion/completions/caplint\n",
      "caplint for\t", expect=r"caplint forecast")
typed(["bash", "--norc", "--noprofile", "-i"], f"source {share}/bash-completion/completions/caplint\n",
      "caplint check --fail-on ne\t", expect=r"--fail-on never")
typed(["zsh", "-f", "-i"], f"fpath=({share}/zsh/site-functions $fpath); autoload -Uz compinit; compinit -u -D\n",
      "caplint for\t", expect=r"caplint for\x08*(ecast|.*forecast)")
fish = share / "fish/vendor_completions.d/caplint.fish"
for line, expected in (("caplint for", "forecast"), ("caplint check --fail-on ne", "never")):
    done = subprocess.run(["fish", "--no-config", "-c", f"source {fish}; complete -C '{line}'"], env=env | {"HOME": "/tmp"},
                          text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert re.search(rf"(?m)^{expected}\b", done.stdout), done.stdout

pages = sorted((share / "man/man1").iterdir())
commands = re.findall(r"(?m)^  ([a-z]+)  ", subprocess.run([prefix / "bin/caplint", "--help"], text=True, check=True,
                                                           stdout=subprocess.PIPE).stdout)
assert len(commands) > 8, commands
assert {page.name for page in pages} >= {"caplint.1", *(f"caplint-{name}.1" for name in commands if name != "help")}, pages
for page in pages:
    done = subprocess.run(["man", "--warnings", "-l", page], env=env | {"MANWIDTH": "80"}, text=True, capture_output=True)
    assert done.returncode == 0 and not done.stderr and "NAME" in done.stdout, f"{page}: {done.stderr}"
print(f"ok: completions in bash, zsh and fish, and {len(pages)} man pages")
