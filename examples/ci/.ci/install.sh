# Puts the program on the PATH of the steps that follow. Pin a version and its sum in earnest.
set -e
mkdir -p "$HOME/.local/bin"
curl -fsSL "$TERRACE_DOWNLOAD" -o "$HOME/.local/bin/terrace"
chmod 755 "$HOME/.local/bin/terrace"
if test -n "$GITHUB_PATH"; then
  echo "$HOME/.local/bin" >>"$GITHUB_PATH"
fi
