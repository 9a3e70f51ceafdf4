// SPDX-License-Identifier: MIT
// A kernel that has a program in ring 3, again and again with other code: each case begins from one snapshot, with all
// rules that look at crossings.
#pragma once

#include "machine/run_end.h"
#include "model/vendor.h"
#include "random/generator.h"
#include "watch/processes.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace random_attack {

struct Case {
    std::uint64_t number = 0;
    std::vector<std::uint8_t> code;
    std::uint64_t gpr[16] = {};
    std::uint64_t flags = 0; ///< set in RFLAGS, of those that a program may set
};

/// What became of a case.
struct CaseEnd {
    std::string failure;       ///< what the kernel did wrong; "" when nothing
    bool not_modelled = false; ///< the harness met what it has not; nothing can be said of the kernel
    bool stopped = false;      ///< it was still computing, and was ended from outside
    bool asleep = false;       ///< it waited for what nobody sends, and Ctrl-C ended it
    bool held = false;         ///< Ctrl-C did not end it: it blocks the signal, or has stopped itself, for good
    std::uint64_t calls = 0;   ///< SYSCALLs that ring 3 executed
    std::uint64_t faults = 0;  ///< exceptions in ring 3
    std::uint64_t instructions = 0;
};

class AttackedKernel {
public:
    /// Boots it and runs `random_code` to where its own code ends.
    /// @param vendor  of the CPU
    AttackedKernel(const std::string& kernel, const std::string& initrd, ringcheck::model::Vendor vendor);
    ~AttackedKernel();

    const Places& places() const { return places_; }
    /// How many cases of `slot` bytes it takes at once.
    std::size_t capacity(std::size_t slot) const { return (places_.text_end - places_.text) / slot; }
    /// Puts the codes of `cases` into the program's text, each in a slot of its own.  Clearing away the old ones costs
    /// what a boot costs in translations, so it is to be done for many at a time.
    void place(const std::vector<Case>& cases, std::size_t slot);
    /// The `index`th of those that were placed.
    CaseEnd run(const Case& one, std::size_t index);

private:
    struct Parts;

    void begin_case(const Case& one, std::uint64_t rip);
    std::string run_to_prompt(CaseEnd& result);
    bool waits_for_nothing(const ringcheck::RunEnd& end) const;
    void end_from_outside();
    void kill_all(const ringcheck::Processes& processes);
    std::string wait_for_frames(const std::int64_t& taken, const ringcheck::Processes& processes);

    Places places_;
    std::size_t slot_ = 0;
    std::unique_ptr<Parts> parts_;
    std::optional<std::int64_t> expected_frames_; ///< that a case takes and does not free: negative, the program's own
};

} // namespace random_attack
