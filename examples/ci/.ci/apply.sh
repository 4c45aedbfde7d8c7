# Applies a bundle. Where a person has to say yes, this is no failure of the job: the page of what
# waits is printed, and the job can be run again when it is signed.
bundle=$1
identity=$(mktemp) || exit 1
trap 'rm -f "$identity"' EXIT
printf '%s\n' "$IDENTITY" >"$identity"
unset IDENTITY # neither hooks nor the binary need it
terrace bundle apply --push --fetch --identity "$identity" "$bundle"
status=$?
if test $status = 3; then
  terrace bundle show "$bundle"
  if test -n "$GITHUB_STEP_SUMMARY"; then
    terrace bundle show --format markdown "$bundle" >>"$GITHUB_STEP_SUMMARY"
  fi
  exit 0
fi
exit $status
