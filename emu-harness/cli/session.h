// SPDX-License-Identifier: GPL-2.0-or-later
// One boot of a guest with everything that watches it, as each command needs it.
#pragma once

#include "explain/fault_watch.h"
#include "explain/source_lines.h"
#include "guest/guest_description.h"
#include "machine/boot_loader.h"
#include "machine/machine.h"
#include "trace/recorder.h"
#include "watch/cpio_archive.h"
#include "watch/guest_watch.h"
#include "watch/rules.h"
#include "watch/symbols.h"
#include "watch/transition_log.h"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace ringcheck::cli {

/// What the guest is: the options that each command with a machine has.
struct GuestOptions {
    std::string kernel;
    std::string initrd;               ///< "": initrd.cpio beside the kernel, if it is there
    std::vector<std::string> modules; ///< "FILE" or "FILE,TEXT", behind the initrd
    std::string protocol;             ///< "": by the kernel's headers
    std::string append;               ///< the kernel's command line
    std::string prompt;               ///< "": the guest description's
    std::string cpu = "intel";
    std::uint64_t ram_bytes = MachineConfig{}.ram_bytes;
    bool step = false;                 ///< execute instruction by instruction
    std::uint64_t limit = 200'000'000; ///< instructions after which a run counts as hanging
};

/// Adds all of them: KERNEL and the options above.
void add_guest_options(CLI::App& command, GuestOptions& options);
/// Adds KERNEL or --initrd alone, for a command without a machine.
void add_kernel_option(CLI::App& command, GuestOptions& options);
void add_initrd_option(CLI::App& command, GuestOptions& options);

/// A check for options that count something: why `text` is no count, or "".
std::string refuse_count(const std::string& text);

/// The files that describe a guest, read and checked.
struct GuestFiles {
    ElfImage kernel;
    std::string initrd_path; ///< "": none
    std::vector<std::byte> initrd_bytes;
    CpioArchive initrd;
    struct Module {
        std::vector<std::byte> bytes;
        std::string text;
    };
    std::vector<Module> modules; ///< further boot modules
    GuestDescription guest;

    /// The error is one line with the file's path.
    static std::expected<GuestFiles, std::string> load(const GuestOptions& options);
    /// What the machine is to load, by `options`.
    BootRequest boot_request(const GuestOptions& options) const;
    /// Why `program` cannot be run, or nullopt.
    std::optional<std::string> refuse_program(const std::string& program) const;
};

class Session {
public:
    /// Boots nothing yet.  `files` must outlive the session.
    /// @param program  whose events are recorded; "": nobody's
    static std::expected<std::unique_ptr<Session>, std::string>
    create(const GuestFiles& files, const GuestOptions& options, const std::string& program, LogFilter filter);

    /// Types each line at the prompt and runs to the end.
    RunEnd run(std::vector<std::string> lines, std::uint64_t instructions);

    Machine& machine() { return *machine_; }
    const GuestFiles& files() const { return files_; }
    const Symbols& symbols() const { return symbols_; }
    GuestWatch& watch() { return watch_; }
    TransitionLog& log() { return log_; }
    FaultWatch& faults() { return faults_; }
    const SourceLines& lines() const { return lines_; }
    const Recorder& recorder() const { return recorder_; }
    const RuleReport& rules() const { return rules_.report(); }
    /// Rules are not checked from here on.
    void ignore_rules() { check_rules_ = false; }
    /// Lines that run `program` and then end the machine.
    std::vector<std::string> script_for(const std::string& program) const;

private:
    Session(const GuestFiles& files, const std::string& program, const std::string& prompt,
            std::unique_ptr<Machine> machine, LogFilter filter);

    const GuestFiles& files_;
    std::string prompt_;
    std::unique_ptr<Machine> machine_;
    MachineMemory memory_;
    Symbols symbols_;
    GuestWatch watch_;
    TransitionLog log_;
    RuleChecker rules_;
    Recorder recorder_;
    SourceLines lines_;
    Explainer explainer_;
    FaultWatch faults_;
    bool check_rules_ = true;
};

} // namespace ringcheck::cli
