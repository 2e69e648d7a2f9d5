"""Runs the program in __main__.py as an inline program of Pulumi's Automation API, which needs no language host."""

import os
import runpy
import sys

from pulumi import automation

stack = automation.select_stack(
    "dev",
    project_name="golden-image-python",
    program=lambda: runpy.run_path("__main__.py"),
    opts=automation.LocalWorkspaceOptions(work_dir=os.getcwd()),
)
if sys.argv[1] == "up":
    stack.up()
else:
    stack.preview(expect_no_changes=True)
