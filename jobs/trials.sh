# shellcheck shell=bash
# How the trials of a tuning are trained, for jobs/tune.sh and slurm/sweep.sbatch. Source it where `say` is and `bin` is the
# folder of the programs, and
#   train_trial FILE OPTION...  starts the ranks of one trial, their errors into FILE, and returns their exit code
#   await_others                waits a moment for what others train
: "${bin:?}"

# take_trials FOLDER: trains what nnrec_tune says is next until nothing is left. Several may do so at once, on
# several hosts: who trains a trial holds a lock in its folder, which ends with the process, so that what one who was
# killed leaves behind is taken by another. A trial that fails by its options (its loss is not finite) is noted;
# whatever else stops one stops the caller too. STOP_AT: the second ($SECONDS) from which none is begun.
take_trials() {
  local folder=$1 tasks run epochs resume took
  while :; do
    tasks=$("$bin/nnrec_tune" "$folder" --next) || return
    [ -n "$tasks" ] || return 0
    took=no
    while read -ru 6 run epochs resume; do
      [ -z "${STOP_AT:-}" ] || [ "$SECONDS" -lt "$STOP_AT" ] || return 0
      take_trial "$folder" "$run" "$epochs" "$resume" || {
        local code=$?
        [ "$code" -eq "$not_taken" ] && continue
        return "$code"
      }
      took=yes
      break
    done 6<<<"$tasks"
    # All of the rung are being trained by others: the next one needs their ends.
    [ "$took" = yes ] || await_others
  done
}

readonly not_taken=99

# claim_trial RUN: a lock in its trial's folder, as `claim` of the caller. 1: another has it; more: there are no locks.
claim_trial() {
  exec {claim}>"$(dirname "$1")/claim" || return 3
  flock -n "$claim"
}

# take_trial FOLDER RUN EPOCHS RESUME: as take_trials has it; not_taken where another trains it, or has trained it.
take_trial() {
  local run=$1/$2 epochs=$3 resume=$4 claim code=0 way="from its start"
  claim_trial "$run" || code=$?
  if [ "$code" -gt 1 ]; then
    say "$1: its file system has no locks, by which workers see what others train; take a folder elsewhere" >&2
    return 3
  fi
  if [ "$code" -eq 1 ] || [ -e "$run/result.json" ] || [ -e "$run.failed" ]; then
    exec {claim}>&-
    return "$not_taken"
  fi
  [ -z "$(find "$run/checkpoints" -name '*.h5' 2>/dev/null)" ] || way="on from where it was stopped"
  [ "$resume" = auto ] || way="on from $(basename "$(dirname "$(dirname "$resume")")")"
  say "$2: $way"
  train_trial "$run.errors" --config "$(dirname "$run")/trial.cfg" --epochs "$epochs" --resume "$resume" \
    --run "$run" --quiet || code=$?
  # The trainer's own message is said; that of its launcher, that a rank has failed, only where there is no other.
  # Warnings stand in the run's log.txt.
  if [ "$code" -eq 1 ] && grep '^nnrec_dist: .* not finite' "$run.errors" >"$run.message"; then
    say "$2: failed, $(cat "$run.message")"
    mv "$run.message" "$run.failed"
    code=0
  elif [ "$code" -ne 0 ]; then
    grep '^nnrec_dist: ' "$run.errors" >&2 || cat "$run.errors" >&2
  fi
  rm -f "$run.errors" "$run.message"
  exec {claim}>&-
  return "$code"
}
