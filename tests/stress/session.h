// SPDX-License-Identifier: MIT
// A shell that has a canary in the background and knows how healthy the kernel was: what is done to it is done from
// there, and judged against that.
#pragma once

#include "stress/health.h"
#include "stress/shell_machine.h"

#include <string>
#include <vector>

namespace stress {

/// What a machine boots.
struct Image {
    std::string kernel, initrd; ///< paths
    ringcheck::model::Vendor vendor{};
};

class Session {
public:
    /// @param canary  computes in the background; then the machine never idles
    explicit Session(const Image& image, bool canary = true);

    ShellMachine& machine() { return machine_; }
    /// Makes the kernel take what it keeps for `lines`, by typing them once; from here on cases begin.
    void keep_after(const std::vector<std::string>& lines);
    /// Once everything has been done: who is left must end, and the kernel must be as at the kept moment.
    /// @param kill_who_is_left  nobody can be relied upon to end by himself
    /// @return what is wrong, "" when nothing
    std::string judge(bool kill_who_is_left = false);

private:
    std::string read_health(Health& health);

    ShellMachine machine_;
    Health before_;
    std::size_t living_ = 0;
    std::size_t console_ = 0; ///< what the console had shown at the kept moment
};

} // namespace stress
