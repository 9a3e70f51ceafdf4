// SPDX-License-Identifier: GPL-2.0-or-later
// The host memory behind guest RAM: zeroed, page-aligned, given back when the machine goes; and images of it.
// Invariant: its address never changes, for the engine knows it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <string>

namespace ringcheck {

/// What RAM held at one moment, in a file that only memory backs.
class RamImage {
public:
    /// Zeroes, for RAM of `bytes`.  Fails with one line when the host has no memory for it.
    static std::expected<std::shared_ptr<RamImage>, std::string> create(std::uint64_t bytes);
    ~RamImage();
    RamImage(const RamImage&) = delete;
    RamImage& operator=(const RamImage&) = delete;

    std::span<const std::byte> bytes() const { return {data_, size_}; }
    std::span<std::byte> bytes() { return {data_, size_}; }

private:
    friend class GuestRam;
    RamImage(int file, std::byte* data, std::size_t size) : file_(file), data_(data), size_(size) {}
    int file_;
    std::byte* data_; ///< the file, mapped
    std::size_t size_;
};

class GuestRam {
public:
    /// One page more than asked for is there, so that an instruction's longest possible bytes can be read everywhere.
    static std::expected<GuestRam, std::string> map(std::uint64_t bytes);
    ~GuestRam();
    GuestRam(GuestRam&& other) noexcept;
    GuestRam(const GuestRam&) = delete;
    GuestRam& operator=(GuestRam&&) = delete;

    std::span<std::byte> bytes() const { return {data_, size_}; }

    /// Copies RAM, which from then on shares the image's pages until the guest writes to them.
    std::expected<std::shared_ptr<const RamImage>, std::string> image();
    /// RAM holds again what it held when `image` was made of it: quick for the image it was last equal to.
    std::expected<void, std::string> revert_to(std::shared_ptr<const RamImage> image);

private:
    GuestRam(std::byte* data, std::size_t size) : data_(data), size_(size) {}
    std::byte* data_;
    std::size_t size_;
    std::shared_ptr<const RamImage> shared_; ///< whose pages RAM has where the guest has not written since
};

} // namespace ringcheck
