"""Writes what one scenario of the lab printed as a record of the corpus. Called by run.sh.

    record.py SCENARIO.sh CAPTURE.jsonl FOLDER [--dry] [--renew] [FROM=TO ...]

The capture is the line that `sentinel exec --capture` wrote. FROM=TO replaces what belongs to this machine.
The format of records is described in assets/corpus/README.md.
"""

import json
import pathlib
import re
import socket
import sys

# A record is what one step printed, and is compiled into Sentinel: more than this says nothing new.
MAX_BYTES = 48_000
ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07]*\x07|\x1b[()][A-Z0-9]")
# What differs between two runs of the same failure.
VOLATILE = re.compile(r"/tmp/[\w./-]+|0x[0-9a-f]+|\b[0-9a-f]{7,}\b|\d+")


def main(arguments):
    options = {argument for argument in arguments if argument in ("--dry", "--renew")}
    scenario, capture, folder, *masks = [argument for argument in arguments if argument not in options]
    scenario, folder = pathlib.Path(scenario), pathlib.Path(folder)
    name = f"{scenario.parent.name}/{scenario.stem}"
    header, step = read_scenario(scenario)
    captured = json.loads(pathlib.Path(capture).read_text().splitlines()[-1])
    lines = clean(captured["log"], masks)
    problem = check(captured, lines, header["proof"])
    if problem or "--dry" in options:
        print("\n".join(f"  | {line}" for line in mark(lines, header["proof"])))
    if problem:
        sys.exit(f"lab: {name}: {problem}")
    text = record(name, header, step, captured, mark(lines, header["proof"]))
    if "--dry" not in options:
        write(folder / f"{scenario.parent.name}.log", name, text, "--renew" in options)
    print(f"lab: {name}: exit {captured['exit_code']}, {measured(captured)}")


def read_scenario(path):
    """The header fields and the step's text."""
    setup, _, step = path.read_text().partition("\n#%% step\n")
    header = {"proof": []}
    for line in setup.splitlines():
        field = re.match(r"# (class|tool|ecosystem|step|needs|user|proof): *(.*)", line)
        if field is None:
            break
        if field[1] == "proof":
            header["proof"].append(field[2])
        else:
            header[field[1]] = field[2]
    missing = [field for field in ("class", "tool", "ecosystem", "step", "needs") if field not in header]
    if missing or not header["proof"] or not step.strip():
        sys.exit(f"lab: {path}: missing: {', '.join(missing) or 'a proof or the step'}")
    return header, step


def clean(log, masks):
    """The lines as they stand in a pipeline's log, without what belongs to this machine."""
    for mask in masks:
        old, _, new = mask.rpartition("=")
        log = re.sub(re.escape(old) + r"(?=/|\b)", new, log)
    host = re.escape(socket.gethostname())
    log = re.sub(rf"(?<=[@]){host}\b|(?<=hostname ){host}\b|(?<=host ){host}\b", "runner-01", log)
    log = re.sub(r"\broot@", "runner@", ANSI.sub("", log)).replace("\r\n", "\n").rstrip("\n")
    return [line.rpartition("\r")[2].replace("\x08", "") for line in log.split("\n")]


def check(captured, lines, proofs):
    """What is wrong with this run, if anything."""
    if captured["exit_code"] == 0:
        return "the step passed"
    if captured["left_out_bytes"] or len("\n".join(lines).encode()) > MAX_BYTES:
        return f"the step prints more than {MAX_BYTES} bytes; make it say less"
    silent = [proof for proof in proofs if not any(proof in line for line in lines)]
    if silent:
        return f"not printed: {' / '.join(silent)}"
    return None


def mark(lines, proofs):
    return [("@! " if any(proof in line for proof in proofs) else "") + line for line in lines]


def command(step):
    """The step in one line: its commands where they are few, else the first."""
    commands = [line for line in step.splitlines() if line.strip() and not line.startswith("#")]
    simple = not any(re.search(r"<<|\\$|^\s|^(for|while|if|case|\w+\(\))\b", line) for line in commands)
    joined = " && ".join(commands)
    return joined if simple and len(joined) <= 120 else commands[0].rstrip("\\ ")


def measured(captured):
    return "{duration_sec:.2f} s, {cpu_usage_pct:.0f} % cpu, {memory_usage_mb:.0f} MB".format(**captured)


def record(name, header, step, captured, lines):
    fields = (header["class"], header["tool"], header["ecosystem"], header["step"], command(step))
    origin = f"%= captured {name}, exit {captured['exit_code']}, {measured(captured)}"
    return "\n".join([f"%% {' | '.join(fields)}", origin, *lines, ""])


def write(path, name, text, renew):
    """Puts the record into its tool's file, in the order of names."""
    found = {}
    if path.exists():
        for old in re.split(r"(?m)^(?=%% )", path.read_text()):
            if old.strip():
                found[re.search(r"(?m)^%= captured ([^,]+),", old)[1]] = old.rstrip("\n") + "\n"
    if not renew and same(found.get(name), text):
        return
    found[name] = text
    path.write_text("\n".join(found[key] for key in sorted(found)))


def same(old, new):
    """Whether two records differ only in numbers, times and temporary names."""
    return old is not None and shape(old) == shape(new)


def shape(text):
    return VOLATILE.sub("#", re.sub(r"(?m)^%= .*", "", text)).split()


main(sys.argv[1:])
