#!/bin/bash
# Gets schemathesis, in the version that requirements.txt names.
exec "$(dirname "$0")/../../scripts/from_pypi.sh" openapi schemathesis
