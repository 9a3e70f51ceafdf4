// SPDX-License-Identifier: GPL-2.0-or-later
// Bytes that never change, and that last as long as anybody holds them: those of a file are read once, into memory that
// the host gives for all of them together, and then shared by whoever needs them.
#pragma once

#include <cstddef>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace ringcheck {

class SharedBytes {
public:
    SharedBytes() = default;
    SharedBytes(std::vector<std::byte> bytes);

    /// More than a machine can have in RAM is no file of a guest.
    static constexpr std::size_t kFileLimit = std::size_t{1} << 30;
    /// All that a file, or a pipe, has.  Fails with one line, which starts with the path.
    static std::expected<SharedBytes, std::string> read(const std::string& path);

    /// Some of them, which must be there.
    SharedBytes part(std::size_t offset, std::size_t size) const;

    std::span<const std::byte> view() const { return {first_.get(), size_}; }
    operator std::span<const std::byte>() const { return view(); }
    std::size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }

private:
    SharedBytes(std::shared_ptr<const std::byte> first, std::size_t size) : first_(std::move(first)), size_(size) {}

    std::shared_ptr<const std::byte> first_; ///< owns all of which these are a part
    std::size_t size_ = 0;
};

} // namespace ringcheck
