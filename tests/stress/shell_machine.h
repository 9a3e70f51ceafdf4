// SPDX-License-Identifier: MIT
// The kernel under ringcheck with every rule that looks at crossings, its shell, and somebody who types.  It can be put
// back to a moment that was kept, as often as one likes.
#pragma once

#include "model/vendor.h"

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace stress {

/// How a program ended that the shell was told to run.
struct ProgramEnd {
    bool started = false;
    std::uint64_t id = 0;
    std::uint64_t wait_status = 0; ///< as wait(2) encodes it
};

class ShellMachine {
public:
    /// Boots to the shell's first prompt.  Throws std::runtime_error when that fails.
    ShellMachine(const std::string& kernel, const std::string& initrd, ringcheck::model::Vendor vendor);
    ~ShellMachine();

    /// Keeps this moment, at which the shell is about to prompt.
    void keep();
    /// Is at the kept moment again; what the rules have seen since is forgotten.
    void go_back();

    /// Types `lines`, each when the shell has carried out the one before, until it has carried out the last one.
    /// @param instructions  what they may take
    /// @return why it did not get there; "" when it did
    std::string type(const std::vector<std::string>& lines, std::uint64_t instructions);
    /// Types `lines`, and stops so many instructions later, whatever the machine is doing then.
    /// @return false: the shell was through with the first of them before
    bool begin(const std::vector<std::string>& lines, std::uint64_t instructions);
    /// Types `text` and Enter at once, and goes on until the shell is about to prompt.
    std::string press(const std::string& text, std::uint64_t instructions);
    /// Presses Ctrl-C for the program in the foreground, and goes on until the shell has read the Enter behind it.
    std::string interrupt(std::uint64_t instructions);
    /// Lets time pass until no more processes live than `living`; the shell waits at its prompt meanwhile.
    std::string settle(std::size_t living, std::uint64_t instructions);

    /// Has the shell kill the `count` processes that started last of those that live.
    std::string kill_youngest(std::size_t count, std::uint64_t instructions);

    /// What the console has shown since `begin`, an earlier console_size(); without carriage returns.
    std::string console_since(std::size_t begin) const;
    std::size_t console_size() const;
    std::size_t living() const;
    /// The first process called `name` that started after the kept moment.
    ProgramEnd end_of(const std::string& name) const;
    std::uint64_t instruction_count() const;
    /// Guest time in nanoseconds.
    std::uint64_t now() const;

    /// What went wrong since the kept moment besides: a panic, a broken rule.  "" when nothing.
    std::string broken() const;
    /// Frames that were handed out and not given back since the kept moment, and those that were given back only.
    std::string missing_frames() const;

private:
    struct Parts;
    struct Run;

    std::string run_to_prompt(std::uint64_t instructions);
    void start_run();

    std::unique_ptr<Parts> parts_;
    std::unique_ptr<Run> run_;
};

} // namespace stress
