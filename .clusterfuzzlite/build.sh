#!/bin/bash -eu
# One build for OSS-Fuzz and for ClusterFuzzLite.
exec "$SRC/bondfuzz/ci/oss-fuzz/build.sh"
