# SPDX-License-Identifier: MIT
# Functions, loops, arithmetic and here-documents, for any POSIX shell.
sum() {
    total=0
    for n; do
        total=$((total + n))
    done
    echo "$total"
}
echo "sum: $(sum 1 2 3 4)"
i=0
while [ "$i" -lt 3 ]; do
    case $i in
        1) echo "one" ;;
        *) echo "number $i" ;;
    esac
    i=$((i + 1))
done
cat <<END
here is $(echo nested), and i=$i
END
echo "to a file" >made
read -r line <made
echo "read: $line"
echo "to stderr" >&2
trap 'echo leaving' EXIT
exit 7
