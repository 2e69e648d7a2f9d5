"""Runs a Python program for the engine, as `pulumi-language-python-exec` of Pulumi's Python language host does (language-host.mjs)."""

import asyncio
import json
import os
import runpy
import sys

import pulumi
from pulumi.runtime import Settings, configure, run_in_stack

given = json.loads(os.environ["PULUMI_RUN"])
configure(Settings(**given))
sys.path.insert(0, os.getcwd())
asyncio.run(run_in_stack(lambda: runpy.run_path("__main__.py", run_name="__main__")))
