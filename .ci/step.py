"""step.py WORKFLOW JOB NAME: prints the script of a job's step, so that a test runs what a runner
would. Expressions are for the runner alone; a script that holds one is refused."""

import sys

import yaml

workflow, job, name = sys.argv[1:]
with open(workflow, encoding="utf-8") as file:
    steps = yaml.safe_load(file)["jobs"][job]["steps"]
scripts = [step["run"] for step in steps if step.get("name") == name]
if len(scripts) != 1 or "${{" in scripts[0]:
    sys.exit(f"{workflow}: {job} has {len(scripts)} steps `{name}`, or an expression in its script")
print(scripts[0])
