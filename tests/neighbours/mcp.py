"""Asks `tracker mcp` by the MCP inspector, which sends numbers as texts, and compares each answer with what the commands
say. Asks `tracker ui --mcp` in the same way, by HTTP.

    npm install @modelcontextprotocol/inspector
    python -P tests/neighbours/mcp.py target/release/tracker STORE

MCP_INSPECTOR is the inspector's command; without it, `npx --yes @modelcontextprotocol/inspector`.
"""

import json
import os
import shlex
import subprocess
import sys

TRACKER, STORE = sys.argv[1:3]
INSPECTOR = shlex.split(os.environ.get("MCP_INSPECTOR", "npx --yes @modelcontextprotocol/inspector"))
READING = ["find_runs", "describe_run", "curve", "compare", "diverge", "diagnose", "study", "wait_until"]


def tracker(*arguments):
    command = [TRACKER, *arguments, "--dir", STORE]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def inspect(target, *arguments):
    command = [*INSPECTOR, "--cli", *target, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    if done.returncode:
        sys.exit(f"{shlex.join(command)}\n{done.stdout}{done.stderr}")
    return json.loads(done.stdout)


def call(target, name, **given):
    words = [word for key, value in given.items() for word in ("--tool-arg", f"{key}={value}")]
    result = inspect(target, "--method", "tools/call", "--tool-name", name, *words)
    (content,) = result["content"]
    if result.get("isError"):
        sys.exit(f"{name} {given}: {content['text']}")
    assert len(content["text"].encode()) <= 40_000, f"{name}: {len(content['text'])} characters"
    return json.loads(content["text"])


def without_unions(schema):
    """The inspector sends texts where a type is a union."""
    if isinstance(schema, dict):
        assert not {"anyOf", "oneOf"} & schema.keys() and not isinstance(schema.get("type"), list), schema
        for value in schema.values():
            without_unions(value)


def check(target):
    tools = inspect(target, "--method", "tools/list")["tools"]
    names = [tool["name"] for tool in tools]
    assert [name for name in names if name in READING] == READING, names
    assert not {"note", "tag", "stop", "enqueue", "set"} & set(names), names
    for tool in tools:
        without_unions(tool["inputSchema"])
    runs = tracker("ls", "--json")["runs"]
    found = call(target, "find_runs", most="3", skip="1")
    assert found["runs"]["of"] == len(runs), (found["runs"]["of"], len(runs))
    wanted = [run["id"] for run in runs[1:4]]
    assert [run["id"] for run in found["runs"]["items"]] == wanted, found
    run = next(run for run in runs if run["summary"])
    described = call(target, "describe_run", run=run["id"], list="metrics")
    for metric in described["metrics"]["items"]:
        known = run["summary"].get(metric["name"])
        if known:  # a long name is cut
            assert (metric["last"], metric["count"]) == (known["last"], known["count"]), metric
    metric = next(name for name in run["summary"] if len(name) < 100 and name.isascii() and name.isprintable())
    curve = call(target, "curve", runs=json.dumps([run["id"]]), metrics=json.dumps([metric]), buckets="200")
    assert curve["curves"]["items"][0]["points_in_all"] == run["summary"][metric]["count"], curve
    call(target, "compare", query="state = finished", by="project")
    call(target, "diverge", a=runs[0]["id"], b=runs[1]["id"])
    call(target, "diagnose", run=run["id"])
    call(target, "study")
    assert call(target, "wait_until", condition=f"id = {run['id']}", seconds="5")["met"]
    resources = inspect(target, "--method", "resources/list")["resources"]
    assert [resource["uri"] for resource in resources] == ["skill://tracker/SKILL.md"], resources
    print(f"{len(tools)} tools, {len(runs)} runs: as the commands say")


check([TRACKER, "mcp", "--dir", STORE])
server = subprocess.Popen(
    [TRACKER, "ui", "--mcp", "--port", "0", "--no-open", "--json", "--dir", STORE],
    stdout=subprocess.PIPE,
    text=True,
)
try:
    url = json.loads(server.stdout.readline())["url"]
    check([f"{url}mcp", "--transport", "http"])
finally:
    server.terminate()
