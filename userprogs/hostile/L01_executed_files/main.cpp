// SPDX-License-Identifier: MIT
// Hostile (catalogue L01 to L04): the files that are no programs, executed by a process rather than by the shell: it
// goes on as it was, with its memory, its descriptors and its handlers.  Then files that it makes itself: programs
// with other bytes in their headers, one that is emptied while it runs, scripts whose interpreters are scripts.
// expect malformed: exited with status 0
// expect headers: exited with status 0
// expect scripts: exited with status 0
// expect stale: exited with status 0
#include "lib/cases.h"
#include "lib/elf.h"
#include "lib/linux.h"
#include "lib/memory.h"
#include "lib/names.h"
#include "lib/random.h"
#include "lib/signals.h"

namespace {

using linux_abi::error;
using uapi::Error;

constexpr std::int64_t kNoProgram = error(Error::Enoexec), kNoMemory = error(Error::Enomem),
                       kInvalid = error(Error::Einval), kLoop = error(Error::Eloop);

std::int64_t execute(const char* path)
{
    const char* const words[] = {path, nullptr};
    return user::raw_call(linux_abi::kExecve, reinterpret_cast<std::uint64_t>(path),
                          reinterpret_cast<std::uint64_t>(words), reinterpret_cast<std::uint64_t>(words));
}

volatile std::uint64_t witness = 0x600d;
volatile unsigned handled = 0;

void count_one(int, uapi::SigInfo*, uapi::UserContext*)
{
    handled = handled + 1;
}

/// What a process has that a new program would not.
class Self {
public:
    Self() : file_(user::open("/etc/motd", uapi::open_flag::kCloseOnExec))
    {
        user::handle(uapi::Signal::Sigusr1, count_one);
    }
    bool is_well() const
    {
        char byte = 0;
        const unsigned before = handled;
        user::raise(uapi::Signal::Sigusr1);
        return witness == 0x600d && handled == before + 1 && user::pread(file_, &byte, 1, 0) == 1;
    }

private:
    std::int64_t file_;
};

constexpr const char* kMalformed[] = {"L01_empty",
                                      "L01_magic",
                                      "L01_cut_header",
                                      "L01_cut_program_headers",
                                      "L01_class",
                                      "L01_machine",
                                      "L01_type",
                                      "L01_phentsize",
                                      "L01_phnum",
                                      "L01_phoff",
                                      "L01_phoff_wraps",
                                      "L01_cut_segment",
                                      "L02_file_larger",
                                      "L02_offset_wraps",
                                      "L02_address_wraps",
                                      "L02_huge",
                                      "L02_alignment",
                                      "L02_misplaced",
                                      "L03_kernel",
                                      "L03_null",
                                      "L03_overlapping",
                                      "L03_stack",
                                      "L03_last_page",
                                      "L03_writable_code",
                                      "L04_kernel",
                                      "L04_non_canonical",
                                      "L04_unmapped",
                                      "L04_data",
                                      "L02_pie_base_wraps",
                                      "L02_pie_reach",
                                      "L02_pie_alignment",
                                      "L03_pie_kernel",
                                      "L03_pie_writable_code",
                                      "L04_pie_base_wraps",
                                      "L04_pie_with_base"};

int malformed()
{
    const Self self;
    for (const char* const file : kMalformed) {
        const std::int64_t result = execute(file);
        if ((result != kNoProgram && result != kNoMemory && result != kInvalid) || !self.is_well()) {
            return user::broke("a file that is no program was executed, or harmed who executed it\n");
        }
    }
    return user::kSurvived;
}

// ---- Files of its own.

constexpr const char* kName = "l01_file";

/// The program of that name, but for what `change` does to its first page.
template <typename Change> bool make_changed(const char* program, Change change)
{
    static std::uint8_t page[4096];
    const std::int64_t from = user::open(program), to = user::create(kName);
    bool first = true;
    for (std::int64_t count = 0; (count = user::read(from, page, sizeof page)) > 0; first = false) {
        if (first) {
            change(page);
        }
        if (user::write(static_cast<std::uint64_t>(to), page, static_cast<std::size_t>(count)) != count) {
            return false;
        }
    }
    return user::close(from) == 0 && user::close(to) == 0;
}

/// In a child, which may become the program: the kernel refuses it, or it runs and ends, or dies in ring 3.
bool execute_in_child()
{
    const std::int64_t child = user::fork();
    if (child == 0) {
        const Self self;
        const std::int64_t result = execute(kName);
        user::exit(linux_abi::is_error(result) && self.is_well() ? 0 : 1);
    }
    constexpr std::int64_t kSoon = 40;
    std::uint32_t status = 1;
    for (std::int64_t waited = 0; waited < kSoon; ++waited) {
        if (user::wait4(child, &status, uapi::wait_option::kNoHang) == child) {
            return (status & 0xff) != 0 || status == 0;
        }
        user::sleep_milliseconds(1);
    }
    user::kill(child, uapi::Signal::Sigkill);
    return user::wait4(child, &status) == child;
}

/// Random bytes in the header and in the program headers.
int headers()
{
    user::Random random(7);
    for (unsigned i = 0; i < 60; ++i) {
        const bool made = make_changed("/ringtiny", [&random](std::uint8_t* page) {
            constexpr std::uint64_t kHeaders = 64 + 4 * 56;
            for (std::uint64_t left = 1 + random.below(3); left > 0; --left) {
                constexpr std::uint8_t kBytes[] = {0, 1, 2, 0x7f, 0x80, 0xff};
                page[4 + random.below(kHeaders - 4)] = kBytes[random.below(sizeof kBytes)];
            }
        });
        const bool survived = made && execute_in_child();
        if (user::unlink(kName) != 0 || !survived) {
            return user::broke("a program with other headers did harm\n");
        }
    }
    return user::kSurvived;
}

// ---- Scripts.

bool make_script(const char* name, const char* line)
{
    std::size_t length = 0;
    while (line[length] != '\0') {
        ++length;
    }
    const std::int64_t file = user::create(name);
    return file >= 0 &&
           user::write(static_cast<std::uint64_t>(file), line, length) == static_cast<std::int64_t>(length) &&
           user::close(file) == 0;
}

int scripts()
{
    const Self self;
    struct Script {
        const char* name;
        const char* line;
        std::int64_t result;
    };
    static char long_line[600];
    for (char& letter : long_line) {
        letter = 'x';
    }
    __builtin_memcpy(long_line, "#!/", 3);
    long_line[sizeof long_line - 1] = '\0';
    const Script all[] = {
        {"l01_itself", "#!/l01_itself\n", kLoop},
        {"l01_ping", "#!/l01_pong x\n", kLoop},
        {"l01_pong", "#!l01_ping y z\n", kLoop},
        {"l01_blank", "#!   \t \n", kNoProgram},
        {"l01_nothing", "#!", kNoProgram},
        {"l01_short", "#", kNoProgram},
        {"l01_long", long_line, kNoProgram},
        {"l01_gone", "#!/there/is/no/such\n", error(Error::Enoent)},
        {"l01_folder", "#!/etc\n", error(Error::Eacces)},
        {"l01_data", "#!/etc/motd\n", error(Error::Eacces)},
        {"l01_bad", "#!/L01_magic\n", kNoProgram},
        {"l01_huge", "#!/L02_huge\n", kNoMemory},
    };
    bool good = true;
    for (const Script& script : all) {
        good = good && make_script(script.name, script.line);
    }
    for (const Script& script : all) {
        for (unsigned round = 0; round < 3; ++round) {
            const std::int64_t result = execute(script.name);
            good = good && (result == script.result || (script.result == kNoMemory && result == kNoProgram)) &&
                   self.is_well();
        }
    }
    for (const Script& script : all) {
        good = good && user::unlink(script.name) == 0;
    }
    return good ? user::kSurvived : user::broke("a script was more, or less, than its line says\n");
}

/// A program whose file is emptied and loses its name while it runs: it runs on, or dies of what it finds.  Linux does
/// not let it be emptied.
int stale()
{
    bool good = make_changed("/nap", [](std::uint8_t*) {});
    const std::int64_t child = user::fork();
    if (child == 0) {
        execute(kName);
        user::exit(1);
    }
    user::sleep_milliseconds(20);
    const std::int64_t emptied = user::named_call(uapi::Syscall::Truncate, kName, 0);
    good = good && (emptied == 0 || emptied == error(Error::Etxtbsy)) && user::unlink(kName) == 0;
    std::uint32_t status = 1;
    good = good && user::wait4(child, &status) == child && (status == 0 || (emptied == 0 && (status & 0xff) != 0));
    return good ? user::kSurvived : user::broke("a program ran on in what its file no longer has\n");
}

constexpr user::Case kCases[] = {
    {"malformed", malformed}, {"headers", headers}, {"scripts", scripts}, {"stale", stale}};

} // namespace

int main()
{
    return user::run_case(kCases);
}
