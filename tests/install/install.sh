#!/bin/bash
# Gets what the tests of the installation need beside Helm, which comes with the
# control plane: the checkers that requirements.txt names.
exec "$(dirname "$0")/../../scripts/from_pypi.sh" install checkers
