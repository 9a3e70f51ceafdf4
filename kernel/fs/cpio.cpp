// SPDX-License-Identifier: MIT
#include "fs/cpio.h"

namespace kernel {

using base::Bytes;
using base::fail;
using base::Result;
using base::StringView;
using uapi::Error;

namespace {

/// A header: the magic "070701" (or "070702", with a checksum), then 13 numbers of 8 hexadecimal digits each.
constexpr std::uint64_t kMagicSize = 6, kFieldSize = 8, kFields = 13, kHeaderSize = kMagicSize + kFieldSize * kFields;
static_assert(kHeaderSize == 110);
/// Which of the 13 numbers is what.
constexpr unsigned kModeField = 1, kFileSizeField = 6, kNameSizeField = 11;
/// Names with their headers, and contents, are padded to this.
constexpr std::uint64_t kAlignment = 4;
constexpr const char* kTrailer = "TRAILER!!!";

constexpr std::uint32_t kTypeMask = 0170000, kTypeDirectory = 0040000, kTypeRegular = 0100000,
                        kTypeSymbolicLink = 0120000;

constexpr std::uint64_t align(std::uint64_t offset)
{
    return (offset + kAlignment - 1) & ~(kAlignment - 1);
}

Result<std::uint32_t> parse_hex(Bytes digits)
{
    std::uint32_t value = 0;
    for (const std::uint8_t digit : digits) {
        std::uint32_t nibble = 0;
        if (digit >= '0' && digit <= '9') {
            nibble = digit - std::uint32_t{'0'};
        } else if (digit >= 'a' && digit <= 'f') {
            nibble = digit - std::uint32_t{'a'} + 10;
        } else if (digit >= 'A' && digit <= 'F') {
            nibble = digit - std::uint32_t{'A'} + 10;
        } else {
            return fail(Error::Eio);
        }
        value = value << 4 | nibble;
    }
    return value;
}

StringView text(Bytes bytes)
{
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

bool contains_nul(StringView name)
{
    for (const char c : name) {
        if (c == '\0') {
            return true;
        }
    }
    return false;
}

StringView without_root(StringView name)
{
    if (name.starts_with("./")) {
        return name.drop(2);
    }
    return name.starts_with("/") ? name.drop(1) : name;
}

} // namespace

bool CpioEntry::is_regular_file() const
{
    return (mode & kTypeMask) == kTypeRegular;
}

bool CpioEntry::is_directory() const
{
    return (mode & kTypeMask) == kTypeDirectory;
}

bool CpioEntry::is_symbolic_link() const
{
    return (mode & kTypeMask) == kTypeSymbolicLink;
}

Result<bool> CpioReader::next(CpioEntry& entry)
{
    if (!archive_.contains(position_, kHeaderSize)) {
        return fail(Error::Eio);
    }
    const Bytes header = archive_.subspan(position_, kHeaderSize);
    const StringView magic = text(header.subspan(0, kMagicSize));
    if (!(magic == "070701") && !(magic == "070702")) {
        return fail(Error::Eio);
    }
    const auto field = [header](unsigned number) {
        return parse_hex(header.subspan(kMagicSize + number * kFieldSize, kFieldSize));
    };

    // The sums cannot overflow: position_ is within the archive, the sizes are 32-bit.
    const std::uint64_t name_begin = position_ + kHeaderSize;
    const std::uint64_t name_size = TRY(field(kNameSizeField));
    if (name_size == 0 || !archive_.contains(name_begin, name_size) || archive_[name_begin + name_size - 1] != '\0') {
        return fail(Error::Eio);
    }
    const StringView name = text(archive_.subspan(name_begin, name_size - 1));
    if (contains_nul(name)) {
        return fail(Error::Eio);
    }
    if (name == kTrailer) {
        return false;
    }
    const std::uint32_t mode = TRY(field(kModeField));
    const std::uint64_t data_begin = align(name_begin + name_size);
    const std::uint64_t data_size = TRY(field(kFileSizeField));
    if (!archive_.contains(data_begin, data_size)) {
        return fail(Error::Eio);
    }
    entry = {without_root(name), archive_.subspan(data_begin, data_size), mode};
    position_ = align(data_begin + data_size);
    return true;
}

} // namespace kernel
