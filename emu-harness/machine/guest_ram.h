// SPDX-License-Identifier: GPL-2.0-or-later
// The host memory behind guest RAM: zeroed, page-aligned, given back when the machine goes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <string>

namespace ringcheck {

class GuestRam {
public:
    /// One page more than asked for is there, so that an instruction's longest possible bytes can be read everywhere.
    static std::expected<GuestRam, std::string> map(std::uint64_t bytes);
    ~GuestRam();
    GuestRam(GuestRam&& other) noexcept;
    GuestRam(const GuestRam&) = delete;
    GuestRam& operator=(GuestRam&&) = delete;

    std::span<std::byte> bytes() const { return {data_, size_}; }

private:
    GuestRam(std::byte* data, std::size_t size) : data_(data), size_(size) {}
    std::byte* data_;
    std::size_t size_;
};

} // namespace ringcheck
