// SPDX-License-Identifier: GPL-2.0-or-later
// One boot of a guest with everything that watches it, as each command needs it.
#pragma once

#include "cli/guest_files.h"
#include "cli/guest_options.h"
#include "cli/guest_snapshot.h"
#include "cli/progress.h"
#include "explain/fault_watch.h"
#include "explain/source_lines.h"
#include "machine/machine.h"
#include "trace/recorder.h"
#include "watch/guest_watch.h"
#include "watch/rules.h"
#include "watch/symbols.h"
#include "watch/transition_log.h"

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace ringcheck::cli {

class BootPoint;

class Session {
public:
    /// Boots nothing yet.  `files` must outlive the session.
    /// @param program  whose events are recorded; "": nobody's
    /// @param boot     where it goes on from, and outlives it; nullptr: it boots
    static std::expected<std::unique_ptr<Session>, std::string> create(const GuestFiles& files,
                                                                       const GuestOptions& options,
                                                                       const std::string& program, LogFilter filter,
                                                                       BootPoint* boot = nullptr);
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    /// Everything is watched from here on, and each line will be typed at the prompt.  Without a line, what was still
    /// to be typed in the snapshot that the session goes on from.
    void prepare(std::vector<std::string> lines);
    /// Writes a snapshot when run() comes by there.  Before run().
    void save_at(std::vector<SavePoint> points) { save_points_ = std::move(points); }
    /// Prepares, and runs to the end, or until a snapshot cannot be written.
    RunEnd run(std::vector<std::string> lines, std::uint64_t instructions);
    /// Runs on until the count is reached or something else ends the run, and shows how far it is.
    RunEnd run_on(std::uint64_t instructions);
    Progress& progress() { return progress_; }
    /// After so many more instructions.
    void tell_progress(std::uint64_t ran);

    Machine& machine() { return *machine_; }
    /// The session is of no use after it.
    std::unique_ptr<Machine> release_machine();
    GuestMemory& memory() { return memory_; }
    const GuestFiles& files() const { return files_; }
    const Symbols& symbols() const { return symbols_; }
    GuestWatch& watch() { return watch_; }
    TransitionLog& log() { return log_; }
    FaultWatch& faults() { return faults_; }
    const SourceLines& lines() const { return lines_; }
    const Recorder& recorder() const { return recorder_; }
    Recorder& recorder() { return recorder_; }
    const RuleReport& rules() const { return rules_.report(); }
    /// Runs the same once more, for `instructions`, and explains what is asked for.  The same run to the last
    /// instruction: what this session did not keep can be looked at in the other.  Null when the host refuses it.
    std::unique_ptr<Session> repeat(std::uint64_t instructions, FaultWatch::Wish wish) const;
    /// The first snapshot that could not be written: "FILE: REASON".
    const std::optional<std::string>& save_error() const { return save_error_; }
    /// What has not been saved, for the run did not come by there.
    const std::vector<SavePoint>& not_saved() const { return save_points_; }
    /// Rules are not checked from here on.
    void ignore_rules() { check_rules_ = false; }
    /// How many rules are checked.
    std::size_t rule_count() const;
    /// Rules that look at each instruction are checked too.
    void check_strictly() { rules_.set_strict(true); }
    /// Lines that run the trace's program, with what it is given, and then end the machine.
    std::vector<std::string> script_for(const Trace& trace) const;

private:
    Session(const GuestFiles& files, const GuestOptions& options, const std::string& program,
            std::unique_ptr<Machine> machine, LogFilter filter);

    static std::expected<std::unique_ptr<Machine>, std::string> boot_machine(const GuestFiles& files,
                                                                             const GuestOptions& options);

    Progress::Now now();
    void stop_at_save_points();
    RunEnd run_and_save(std::uint64_t instructions);

    const GuestFiles& files_;
    GuestDescription guest_; ///< as it holds for the machine now
    GuestOptions options_;
    std::string program_;
    std::vector<std::string> script_; ///< of run()
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
    Progress progress_;
    bool from_snapshot_ = false;
    BootPoint* boot_ = nullptr; ///< whose the machine is, unless it is null
    std::vector<SavePoint> save_points_;
    std::optional<std::string> save_error_;
};

} // namespace ringcheck::cli
