# shellcheck shell=bash disable=SC2154 # ./firn sets home and stamp
# The whole gate, sourced by ./firn: format, static analysis, unit tests; then one stack for the integration tests of
# all modules, the demo and the clients of other languages. What does not depend on a failed step runs all the same, so
# that one look shows all that is wrong.

gate_names=()
gate_results=()
gate_seconds=()
gate_failed=0
gate_reasons=()

# gate_step NAME COMMAND…: runs a step and keeps how it ended.
gate_step() {
  local name=$1 begun=$SECONDS result=passed
  shift
  printf '\n==== %s\n' "$name"
  "$@" || result="FAILED (exit code $?)"
  gate_names+=("$name") gate_results+=("$result") gate_seconds+=($((SECONDS - begun)))
  [ "$result" = passed ] || gate_failed=1
  [ "$result" = passed ]
}

gate_skip() {
  gate_names+=("$1") gate_results+=("skipped: $2") gate_seconds+=(0)
  printf '\n==== %s\nskipped: %s\n' "$1" "$2"
}

gate_summary() {
  local i
  printf '\n==== summary\n'
  for i in "${!gate_names[@]}"; do
    printf '%-42s %5d s  %s\n' "${gate_names[$i]}" "${gate_seconds[$i]}" "${gate_results[$i]}"
  done
  for i in "${!gate_reasons[@]}"; do
    printf '  %s\n' "${gate_reasons[$i]}"
  done
  printf '%-42s %5d s  %s\n' "all" "$SECONDS" "$([ "$gate_failed" = 0 ] && echo passed || echo FAILED)"
}

# gate_maven LOG ARGUMENTS…: shows what Maven says and keeps the modules and tests that failed for the summary.
gate_maven() {
  local log=$home/target/$1 code=0 line
  shift
  mkdir -p "$home/target"
  maven -Dstyle.color=never "$@" 2>&1 | tee "$log" || code=$?
  if [ "$code" != 0 ]; then
    while IFS= read -r line; do gate_reasons+=("$line"); done < <(
      grep -E '^\[INFO\] .* FAILURE \[|^\[ERROR\] +[A-Za-z0-9_]+(IT|Test)[.:>]|^\[ERROR\] .*\.java:\[|^\[ERROR\] Failed to execute' \
        "$log" | cut -c1-200 | awk '!seen[$0]++' | head -n 30
    )
    gate_reasons+=("all of it: $log")
  fi
  return "$code"
}

# Always from clean: what the quick build of ./firn compiled has not been through static analysis.
gate_compile() {
  maven -q clean && gate_maven gate-units.log verify -DskipITs
}

# No unit test has this name: they have run already. Nothing has changed since, so no jar is written again below the
# services that run from it.
gate_integration() {
  gate_maven gate-integration.log verify --fail-at-end -Dtest=NoUnitTestAgain -Dsurefire.failIfNoSpecifiedTests=false \
    "-Dfirn.stack=$gate_stack"
}

# The seeded random tests, with many more seeds than people wait for.
gate_long_runs() {
  gate_maven gate-long.log verify -DskipITs -Dtest=PointInTimeJoinTwinTest,RandomHistoryTest,ShapesTest \
    -Dsurefire.failIfNoSpecifiedTests=false -Dfirn.cases=20000 -Dfirn.seeds=200 -Dfirn.shapes=1000
}

# The same for the histories that Trino writes, which need the stack.
gate_long_histories() {
  gate_maven gate-histories.log verify -pl lake -am -Dtest=NoUnitTestAgain -Dit.test=TrinoHistoryIT \
    -Dsurefire.failIfNoSpecifiedTests=false -Dfailsafe.failIfNoSpecifiedTests=false \
    "-Dfirn.stack=$gate_stack" -Dfirn.seeds=100 -Dfirn.steps=10
}

# The server of NessieIT, which is skipped without it.
gate_nessie() {
  maven -q -Pnessie,quick -pl embedded/parts/nessie package
}

gate_clients() (
  addresses=$(firn status --stack "$gate_stack" --env) || exit
  eval "$addresses"
  "$home/clients/run" && exit
  echo "What Firn answered last:"
  firn results --stack "$gate_stack" -n 8
  exit 1
)

gate_on_the_stack() {
  gate_step "integration tests" gate_integration || true
  [ "$gate_long" = false ] || gate_step "long histories" gate_long_histories || true
  gate_step "demo" firn demo --stack "$gate_stack" || true
  if [ ! -x "$home/clients/run" ]; then
    gate_skip "clients of other languages" "no clients/run"
  else
    gate_step "clients of other languages" gate_clients || true
  fi
}

run_gate() {
  exec </dev/null
  gate_long=false
  while [ $# -gt 0 ]; do
    case $1 in
      --all) gate_long=true ;;
      *)
        say "firn test: unknown option $1; there is --all"
        exit 2
        ;;
    esac
    shift
  done
  gate_stack=$home/.firn/test
  if gate_step "format, static analysis, unit tests" gate_compile; then
    touch "$stamp"
    [ "$gate_long" = false ] || gate_step "long runs" gate_long_runs || true
    [ "$gate_long" = false ] || gate_step "Nessie for its tests" gate_nessie || true
    java_command
    firn down --stack "$gate_stack" >/dev/null 2>&1 || true
    rm -rf "$gate_stack"
    trap 'firn down --stack "$gate_stack" >/dev/null 2>&1 || true' EXIT
    if gate_step "stack up" firn up --stack "$gate_stack" --detach; then
      gate_on_the_stack
      gate_step "stack down" firn down --stack "$gate_stack" || true
    fi
  fi
  gate_summary
  exit "$gate_failed"
}
