// SPDX-License-Identifier: GPL-2.0-or-later
// What the guest is and what it is to do: the options that the commands with a machine have in common, in one place.
#pragma once

#include "cli/command_line.h"
#include "cli/progress.h"
#include "guest/guest_description.h"
#include "machine/cpu_option.h"
#include "machine/machine.h"

#include <cstdint>
#include <string>
#include <vector>

namespace ringcheck::cli {

/// What the guest is: the options that each command with a machine has.
struct GuestOptions {
    std::string kernel;
    std::string description;          ///< "": the built-in one that recognises the kernel
    std::string initrd;               ///< "": initrd.cpio beside the kernel, if it is there
    std::vector<std::string> modules; ///< "FILE" or "FILE,TEXT", behind the initrd
    std::string protocol;             ///< "": by the kernel's headers
    std::string append;               ///< the kernel's command line
    std::string prompt;               ///< "": the guest description's
    CpuChoice cpu;
    std::uint64_t ram_bytes = MachineConfig{}.ram_bytes;
    std::string from;  ///< "": boots; else the snapshot that it goes on from
    bool step = false; ///< execute instruction by instruction
    ProgressMode progress = ProgressMode::Auto;
    std::uint64_t limit = 200'000'000; ///< instructions after which a run counts as hanging
};

/// What is typed at the guest's prompt: the options of the commands that run one program.
struct ScriptOptions {
    std::string program; ///< "": none
    std::vector<std::string> typed;
    bool continues = false; ///< without either, what a snapshot had still to type is typed
};

/// When the script ends with the guest's command to power off.
enum class PowerOff : std::uint8_t {
    Always,
    UnlessOnlyTyped, ///< who types lines and runs no program says by himself how the run ends
};

/// --program and --type.
void add_script_options(Command& command, ScriptOptions& options);
std::vector<std::string> script_lines(const ScriptOptions& options, const GuestDescription& guest, PowerOff power_off);

/// --strict, likewise: the rules that look at each instruction are checked too.
Option add_strict_option(Command& command, bool& strict);

/// --json, as each command that has it explains it.
Option add_json_option(Command& command, bool& json);

/// Adds all of them: KERNEL and the options above.
void add_guest_options(Command& command, GuestOptions& options);
/// Adds KERNEL, --initrd or --guest alone, for a command without a machine.
void add_kernel_option(Command& command, GuestOptions& options);
void add_initrd_option(Command& command, GuestOptions& options);
void add_description_option(Command& command, GuestOptions& options);

/// A check for names of files: why `text` is none, or "".  An unset variable of a script is an empty name.
std::string refuse_name(const std::string& text);

/// A check for options that count something: why `text` is no count, or "".
std::string refuse_count(const std::string& text);

} // namespace ringcheck::cli
