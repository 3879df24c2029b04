# shellcheck shell=bash disable=SC2154 # ./firn sets home and stamp
# The whole gate, sourced by ./firn: format, static analysis, unit tests; then one stack, secured, for the tests of
# all modules, the demo, README's commands and the clients in other languages. A failed step stops only the steps that
# depend on it, so that one run shows everything that is wrong. Tests on real parts mostly wait, so the clients run beside
# the integration tests.
#
# A skip is not a pass. A step or test that lacks something is skipped; the summary counts the skips and says what is
# missing. With CI=true a skip fails its step. Steps report skips as lines of the file FIRN_SKIPS; exit code 77, as in
# automake, means that the whole step was skipped.

gate_summary=()
gate_details=()
gate_failed=0
gate_built=false
gate_skipped=0
gate_lanes=()

# gate_step NAME COMMAND…: runs a step and keeps its result for the summary.
gate_step() {
  local name=$1 begun=$SECONDS code=0 skips=0 reason='' line result
  shift
  printf '\n==== %s\n' "$name"
  : >"$FIRN_SKIPS"
  "$@" || code=$?
  while IFS= read -r line; do
    skips=$((skips + 1)) reason=$line
    gate_details+=("skipped: $line")
  done <"$FIRN_SKIPS"
  gate_skipped=$((gate_skipped + skips))
  [ "$code" != 77 ] || [ "$skips" -gt 0 ] || code=1
  if [ "$code" != 0 ] && [ "$code" != 77 ]; then
    result="FAILED (exit code $code${reason:+, $reason})"
  elif [ "$skips" -gt 0 ] && [ "${CI:-}" = true ]; then
    result="FAILED ($skips skipped, $reason)"
  elif [ "$code" = 77 ]; then
    result="skipped: $reason"
  elif [ "$skips" -gt 0 ]; then
    result="passed, $skips skipped"
  else
    result=passed
  fi
  gate_summary+=("$(printf '%-42s %5d s  %s' "$name" $((SECONDS - begun)) "$result")")
  case $result in FAILED*) gate_failed=1 && return 1 ;; esac
}

# gate_not_run REASON NAME…: keeps the lines of steps that cannot run, so that a summary never hides one.
gate_not_run() {
  local reason=$1 name
  shift
  for name in "$@"; do
    gate_summary+=("$(printf '%-42s %5s    not run: %s' "$name" - "$reason")")
  done
}

# gate_beside LANE COMMAND…: runs steps beside those that follow. Their output goes to a file until gate_join shows it.
gate_beside() {
  local lane=$home/target/gate-$1
  shift
  mkdir -p "$home/target"
  : >"$lane.results"
  set -m # a process group of its own, which gate_end can end
  (
    gate_summary=() gate_details=() gate_failed=0 gate_skipped=0
    FIRN_SKIPS=$(mktemp)
    "$@" || true
    rm -f "$FIRN_SKIPS"
    {
      for line in ${gate_summary[@]+"${gate_summary[@]}"}; do printf 'summary\t%s\n' "$line"; done
      for line in ${gate_details[@]+"${gate_details[@]}"}; do printf 'detail\t%s\n' "$line"; done
      printf 'failed\t%s\nskipped\t%s\nended\t\n' "$gate_failed" "$gate_skipped"
    } >"$lane.results"
  ) >"$lane.log" 2>&1 &
  gate_lanes+=("$! $lane")
  set +m
}

# Waits for the steps that run beside, shows what they printed, and takes over their results.
gate_join() {
  local lane pid file kind text ended
  for lane in ${gate_lanes[@]+"${gate_lanes[@]}"}; do
    pid=${lane%% *} file=${lane#* } ended=false
    wait "$pid" || true
    cat "$file.log"
    while IFS=$'\t' read -r kind text; do
      case $kind in
        summary) gate_summary+=("$text") ;;
        detail) gate_details+=("$text") ;;
        failed) [ "$text" = 0 ] || gate_failed=1 ;;
        skipped) gate_skipped=$((gate_skipped + text)) ;;
        ended) ended=true ;;
      esac
    done <"$file.results"
    [ "$ended" = true ] || { gate_failed=1 && gate_details+=("broke off: see $file.log"); }
  done
  gate_lanes=()
}

# Leaves nothing behind, however the gate ends.
gate_end() {
  local lane
  for lane in ${gate_lanes[@]+"${gate_lanes[@]}"}; do kill -- "-${lane%% *}" 2>/dev/null || true; done
  rm -f "$FIRN_SKIPS"
  [ -z "${gate_stack_is_mine:-}" ] || firn down --stack "$gate_stack" >/dev/null 2>&1 || true
}

gate_print_summary() {
  local result=passed line
  [ "$gate_failed" = 0 ] || result=FAILED
  [ "$gate_skipped" = 0 ] || result="$result, $gate_skipped skipped"
  printf '\n==== summary\n'
  printf '%s\n' "${gate_summary[@]}"
  for line in ${gate_details[@]+"${gate_details[@]}"}; do printf '  %s\n' "$line"; done
  printf '%-42s %5d s  %s\n' all "$SECONDS" "$result"
}

# Installs the browser that tests the gateway's pages, where that can be done without asking. Otherwise the test skips and
# says so, which fails with CI=true.
gate_browser() {
  command -v chromedriver >/dev/null && { command -v chromium || command -v chromium-browser; } >/dev/null && return
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    say "No chromium and chromedriver on the PATH: the pages are not tested in a browser"
    return
  fi
  say "Installing chromium and its driver with apt-get"
  { apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends chromium chromium-driver; } \
    >"$home/target/gate-browser.log" 2>&1 || say "They could not be installed: see $home/target/gate-browser.log"
}

# gate_maven LOG ARGUMENTS…: runs Maven and keeps failed modules and tests, and skipped tests, for the summary. A failed
# test does not stop Maven, which would leave out all modules that depend on the test's own: every error that Maven
# prints, a crashed JVM's too, fails the step in the end with exit code 3. A build that stops has Maven's own code.
# With gate_reports=none, no report is of this Maven: another one, which runs tests, may run beside it.
gate_maven() {
  local log=$home/target/$1 code=0 line begun skips=''
  shift
  mkdir -p "$home/target"
  # Failsafe would count an earlier step's failures again.
  [ "${gate_reports:-all}" = none ] || rm -f "$home"/*/target/failsafe-reports/failsafe-summary.xml
  begun=$(mktemp "$home/target/gate-begun.XXXXXX")
  maven -Dstyle.color=never -Dmaven.test.failure.ignore=true "$@" 2>&1 | tee "$log" || code=$?
  [ "$code" != 0 ] || ! grep -q '^\[ERROR\]' "$log" || code=3
  [ "${gate_reports:-all}" = none ] || skips=$(gate_skipped_tests "$begun")
  [ -z "$skips" ] || printf '%s\n' "$skips" >>"$FIRN_SKIPS"
  rm -f "$begun"
  if [ "$code" != 0 ]; then
    while IFS= read -r line; do gate_details+=("$line"); done < <(gate_errors "$log")
    gate_details+=("full log: $log")
  fi
  return "$code"
}

# gate_errors LOG: what Maven said went wrong, each line once: a summary is often all that is kept of a run elsewhere. That
# a test failed comes twice, where it happens and in Maven's list; the list has the reason. The rest is Maven's advice,
# which is shown if there is nothing else.
gate_errors() {
  gate_reasons "$1" | grep . || grep '^\[ERROR\]' "$1" | head -n 5
}

gate_reasons() {
  grep -E '^\[ERROR\] .*[^ :]|^\[INFO\] .* FAILURE \[' "$1" |
    grep -vE '<<< |^\[ERROR\] (Tests run|Failures|Errors|Re-run Maven|To see the full|After correcting|For more information|-> |\[Help)' |
    cut -c1-240 | awk '!seen[$0]++' | head -n 40
}

# gate_skipped_tests FILE: what the reports newer than FILE say about skips, a line per test. A class that was skipped
# before its first test has an empty report. The testkit's Missing has already written lines for the skips it caused.
gate_skipped_tests() {
  find "$home"/*/target "$home"/embedded/parts/*/target -path '*-reports/TEST-*.xml' -newer "$1" -exec awk -v skips="$FIRN_SKIPS" '
    BEGIN { while ((getline line < skips) > 0) { sub(/:.*/, "", line); known[line] = 1 } }
    function attribute(name) {
      if (!match($0, " " name "=\"[^\"]*\"")) return ""
      return substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 4)
    }
    function simple(name) { sub(/.*\./, "", name); return name }
    /<testsuite / && attribute("tests") == "0" && !(simple(attribute("name")) in known) {
      print simple(attribute("name")) ": no test ran"
    }
    /<testcase / { test = simple(attribute("classname")) "." attribute("name") }
    /<skipped/ {
      reason = attribute("message")
      if (reason ~ /^missing: /) next
      gsub(/&#10;.*/, "", reason); gsub(/&apos;/, "\047", reason); gsub(/&quot;/, "\"", reason)
      gsub(/&lt;/, "<", reason); gsub(/&gt;/, ">", reason); gsub(/&amp;/, "\\&", reason)
      print test ": " (reason == "" ? "no reason given" : substr(reason, 1, 160))
    }' {} +
}

# Builds from scratch because the quick build of ./firn compiles without static analysis. Removing the folders saves a
# Maven start, and two JVMs share the unit tests of a module. The profile packages the server of NessieIT.
gate_compile() {
  local code=0
  rm -rf "$home/target" "$home"/*/target "$home"/embedded/parts/*/target
  gate_maven gate-units.log verify -Pnessie -DskipITs -DforkCount=2 || code=$?
  case $code in 0 | 3) gate_built=true ;; esac
  return "$code"
}

# Writes target/bom.json, which lists every library with its version and licence. CONTRIBUTING.md says how to scan it.
gate_sbom() {
  gate_reports=none gate_maven gate-sbom.log org.cyclonedx:cyclonedx-maven-plugin:makeAggregateBom && [ -s "$home/target/bom.json" ]
}

# The unit tests have run, so no unit test is selected here, and the format has been checked. Nothing has changed since,
# so Maven neither compiles nor packs again. The services of the stack run from these jars, and a JVM may not survive that
# its jars are replaced, so the summary says if they were. Tests mostly wait, so two of a module run at once.
gate_integration() {
  local code=0 begun replaced
  begun=$(mktemp "$home/target/gate-jars.XXXXXX")
  gate_maven gate-integration.log verify --fail-at-end -Dspotless.check.skip=true -Dfirn.pages.phase=none -DforkCount=2 \
    -Dtest=NoUnitTestAgain -Dsurefire.failIfNoSpecifiedTests=false "-Dfirn.stack=$gate_stack" || code=$?
  replaced=$(find "$home"/*/target -maxdepth 1 -name '*.jar' -newer "$begun" ! -path '*/chaos/*' | tr '\n' ' ')
  rm -f "$begun"
  [ -z "$replaced" ] || gate_details+=("replaced beneath the running stack: $replaced")
  return "$code"
}

# The seeded random tests with many more seeds than people wait for.
gate_long_runs() {
  gate_maven gate-long.log verify -DskipITs -Dfirn.unit.jvm= \
    -Dtest=PointInTimeJoinTwinTest,RandomHistoryTest,ShapesTest,RefreshDifferentialTest,ChangesDifferentialTest,DistrustedIndexesTest,MetadataOnceTest \
    -Dsurefire.failIfNoSpecifiedTests=false -Dfirn.cases=20000 -Dfirn.seeds=200 -Dfirn.shapes=1000 -Dfirn.keys=all
}

# The same for the histories that Trino writes, which need the stack.
gate_long_histories() {
  gate_maven gate-histories.log verify -pl lake -am -Dtest=NoUnitTestAgain -Dit.test=TrinoHistoryIT \
    -Dsurefire.failIfNoSpecifiedTests=false -Dfailsafe.failIfNoSpecifiedTests=false \
    "-Dfirn.stack=$gate_stack" -Dfirn.seeds=100 -Dfirn.steps=10
}

# gate_chaos FACTOR: the fault suite on a stack of its own, with the counts of the nightly run times FACTOR. The first
# part and the long run use MinIO too.
gate_chaos() {
  local code=0 tests=ChaosIT
  case $gate_long:$gate_part in true:* | *:1/*) ! gate_minio || tests=ChaosIT,MinioIT ;; esac
  gate_maven gate-chaos.log verify -pl chaos -am -DskipITs=false -Dspotless.check.skip=true \
    -Dtest=NoUnitTestAgain -Dsurefire.failIfNoSpecifiedTests=false \
    "-Dit.test=$tests" -Dfailsafe.failIfNoSpecifiedTests=false \
    "-Dfirn.chaos.scale=$1" "-Dfirn.seed=$gate_seed" "-Dfirn.chaos.part=$gate_part" || code=$?
  cat "$home/chaos/target/chaos-report.txt" || true
  return "$code"
}

# Builds MinIO, unless this user has built it before. That needs Go, which nothing else here does: without it the summary
# says that MinioIT did not run, which does not count as a skip. A build that fails does.
gate_minio() {
  local code=0 reason
  mkdir -p "$home/target"
  "$home/scripts/minio" 2>&1 | tee "$home/target/gate-minio.log" || code=$?
  [ "$code" != 0 ] || return 0
  reason="MinIO was not built: $(tail -n 1 "$home/target/gate-minio.log")"
  if [ "$code" = 3 ]; then
    gate_details+=("not run: MinioIT; $reason")
  else
    echo "MinioIT: $reason" >>"$FIRN_SKIPS"
  fi
  return 1
}

# The commands of README's section "Use it", verbatim, in a folder that contains README's view.json.
gate_readme() (
  mkdir -p "$home/target/readme" && cd "$home/target/readme" && ln -sf "$home/firn" firn &&
    "$home/scripts/readme-block" json >view.json &&
    "$home/scripts/readme-block" bash '^./firn register view.json' >commands &&
    "$home/scripts/readme-block" bash '^./firn trace' >>commands &&
    FIRN_STACK=$gate_stack bash -ex commands
)

# gate_client LANGUAGE: the example and README's snippets in a language.
gate_client() (
  code=0
  export FIRN_STACK=$gate_stack
  addresses=$(firn status --stack "$gate_stack" --env) || exit
  eval "$addresses"
  "$home/clients/run" "$1" || code=$?
  if [ "$code" != 0 ] && [ "$code" != 77 ]; then
    echo "Firn's last results:"
    firn results --stack "$gate_stack" -n 8
  fi
  exit "$code"
)

# The lightest first, while tests of the embedded stack start stacks.
gate_clients() {
  gate_step "README's commands" gate_readme || true
  gate_step "JavaScript client" gate_client javascript || true
  gate_step "Python client" gate_client python || true
}

gate_libraries() { gate_step "list of libraries (SBOM)" gate_sbom || true; }

gate_needs_stack=("demo" "README's commands" "JavaScript client" "Python client" "integration tests")

gate_on_the_stack() {
  gate_browser
  # README and the clients use the tables that the demo leaves behind.
  if gate_step "demo" firn demo --stack "$gate_stack"; then
    gate_join
    gate_beside clients gate_clients
  else
    gate_not_run "the demo failed" "README's commands" "JavaScript client" "Python client"
  fi
  gate_step "integration tests" gate_integration || true
  [ "$gate_long" = false ] || gate_step "long histories" gate_long_histories || true
  gate_join
}

run_gate() {
  exec </dev/null
  gate_long=false
  local only_chaos=false
  gate_seed='' gate_part=1/1 gate_scale=1.0
  while [ $# -gt 0 ]; do
    case $1 in
      --all) gate_long=true ;;
      --chaos) only_chaos=true ;;
      --seed | --part | --scale)
        [ $# -gt 1 ] || { say "firn test: $1 needs a value" && exit 2; }
        case $1 in
          --seed) gate_seed=$2 ;;
          --part) gate_part=$2 ;;
          --scale) gate_scale=$2 ;;
        esac
        shift
        ;;
      *)
        say "firn test: unknown option $1; the options are --all and --chaos [--seed N] [--part N/M] [--scale FACTOR]"
        exit 2
        ;;
    esac
    shift
  done
  gate_stack=$home/.firn/test
  FIRN_SKIPS=$(mktemp)
  export FIRN_SKIPS
  trap gate_end EXIT
  if [ "$only_chaos" = true ]; then
    gate_step "fault suite" gate_chaos "$gate_scale" || true
    gate_print_summary
    exit "$gate_failed"
  fi
  gate_step "format, static analysis, unit tests" gate_compile || true
  if [ "$gate_built" = true ]; then
    touch "$stamp"
    [ "$gate_long" = false ] || gate_step "long runs" gate_long_runs || true
    java_command
    firn down --stack "$gate_stack" >/dev/null 2>&1 || true
    rm -rf "$gate_stack"
    gate_stack_is_mine=true
    gate_beside libraries gate_libraries
    if gate_step "stack up" firn up --secure --stack "$gate_stack" --detach; then
      gate_on_the_stack
      gate_step "stack down" firn down --stack "$gate_stack" || true
      gate_part=$((RANDOM % 3 + 1))/3
      gate_step "fault suite, part $gate_part" gate_chaos 0.1 || true
    else
      gate_join
      gate_not_run "the stack did not start" "${gate_needs_stack[@]}"
    fi
  else
    gate_not_run "the build failed" "${gate_needs_stack[@]}"
  fi
  gate_print_summary
  exit "$gate_failed"
}
