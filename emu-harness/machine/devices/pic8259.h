// SPDX-License-Identifier: GPL-2.0-or-later
// The two cascaded 8259A interrupt controllers of a PC: edge-triggered, fixed priority, line 0 first.
// Not offered, and reported when asked for: rotation, special mask, poll and level-triggered modes.
// [8259A datasheet "Interrupt Sequence", "Programming the 8259A"]
#pragma once

#include "machine/devices/port_device.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <tuple>
#include <utility>

namespace ringcheck {

/// One 8259A.
class Pic8259 {
public:
    explicit Pic8259(ReportUnmodelled report) : report_(std::move(report)) {}

    /// The level of input `line` (0..7).  A rising edge is a request; it is withdrawn when the line falls unserved.
    void set_line(unsigned line, bool high);
    /// The INT output: an unmasked request outranks everything in service.
    bool requests() const { return best_request() < kNone; }
    /// INTA: the best request goes into service.
    /// @return its line, or 7 without service bit when the request is gone (the "spurious" interrupt)
    unsigned acknowledge();
    std::uint8_t vector_base() const { return vector_base_; }
    /// One bit a line.
    std::uint8_t in_service() const { return in_service_; }
    /// write_command(value) would end an interrupt.
    static bool is_end_of_interrupt(std::uint8_t value);

    std::uint8_t read_command() const { return read_in_service_ ? in_service_ : requests_; }
    std::uint8_t read_data() const { return mask_; }
    void write_command(std::uint8_t value);
    void write_data(std::uint8_t value);

    /// What a snapshot keeps of it (saved_fields.h).
    auto saved_fields(this auto& self)
    {
        return std::tie(self.lines_, self.requests_, self.in_service_, self.mask_, self.vector_base_, self.expecting_,
                        self.wants_icw4_, self.automatic_end_, self.read_in_service_);
    }
    bool possible() const { return expecting_ <= Expecting::Icw4; }

private:
    enum class Expecting : std::uint8_t { Operation, Icw2, Icw3, Icw4 };
    static constexpr unsigned kNone = 8;
    unsigned best_request() const;
    void end_of_interrupt(std::uint8_t command);

    ReportUnmodelled report_;
    std::uint8_t lines_ = 0, requests_ = 0, in_service_ = 0, mask_ = 0xff, vector_base_ = 0;
    Expecting expecting_ = Expecting::Operation;
    bool wants_icw4_ = false, automatic_end_ = false, read_in_service_ = false;
};

/// Master and slave, wired as in a PC.
class PicPair : public PortDevice {
public:
    explicit PicPair(const ReportUnmodelled& report) : master_(report), slave_(report) {}

    /// @param line  0..15, but 2, which is the cascade
    void set_line(unsigned line, bool high);
    bool interrupt_pending() const { return master_.requests(); }
    /// What the CPU does with a pending interrupt: @return the vector it takes.
    std::uint8_t acknowledge();
    /// The end-of-interrupt commands that the interrupt taken last waits for: one for each controller that it is in
    /// service in.
    unsigned ends_owed() const { return ends_owed_; }
    /// `listener` is told of each end-of-interrupt command: the vector that it ended, nullopt when none was in service.
    void tell_ends(std::function<void(std::optional<std::uint8_t>)> listener) { ended_ = std::move(listener); }

    std::uint8_t read(std::uint16_t port) override;
    void write(std::uint16_t port, std::uint8_t value) override;

    /// What a snapshot keeps of it (saved_fields.h).
    auto saved_fields(this auto& self)
    {
        return std::tie(self.master_, self.slave_, self.slave_vector_, self.ends_owed_);
    }

private:
    void update_cascade();
    void write_command(Pic8259& chip, std::uint8_t value);
    Pic8259 master_, slave_;
    std::function<void(std::optional<std::uint8_t>)> ended_;
    std::uint8_t slave_vector_ = 0; ///< taken last through the cascade
    unsigned ends_owed_ = 0;
};

} // namespace ringcheck
