// SPDX-License-Identifier: GPL-2.0-or-later
// How state becomes bytes and back: each field at its own width, little-endian, with nothing between two of them.
// A class says once what its fields are, in their order, and whether their values can be:
//     auto saved_fields(this auto& self) { return std::tie(self.index_, self.mode_); }
//     bool possible() const { return mode_ <= kLastMode; }        // only when not every value is
// A class that stays innocent of this has a free saved_fields(object) in its namespace instead.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace ringcheck {

template <typename T>
concept PlainNumber = (std::unsigned_integral<T> || std::is_enum_v<T>) && !std::same_as<T, bool>;
template <typename T>
concept HasSavedFields = requires(T& object) { object.saved_fields(); };
template <typename T>
concept HasFreeSavedFields = !HasSavedFields<T> && requires(T& object) { saved_fields(object); };

/// The tuple of references to the fields of `object`.
template <typename T> auto fields_of(T& object)
{
    if constexpr (HasSavedFields<T>) {
        return object.saved_fields();
    } else {
        return saved_fields(object);
    }
}

template <typename T> constexpr bool kIsArray = std::is_array_v<T>;
template <typename T, std::size_t Size> constexpr bool kIsArray<std::array<T, Size>> = true;
template <typename T> constexpr bool kIsOptional = false;
template <typename T> constexpr bool kIsOptional<std::optional<T>> = true;
template <typename T> constexpr bool kIsSequence = false;
template <> inline constexpr bool kIsSequence<std::string> = true;
template <typename T> constexpr bool kIsSequence<std::vector<T>> = true;
template <typename T> constexpr bool kIsSequence<std::deque<T>> = true;

class FieldWriter {
public:
    template <typename T> void put(const T& value)
    {
        if constexpr (std::same_as<T, bool>) {
            put_number(value ? 1 : 0, 1);
        } else if constexpr (PlainNumber<T>) {
            put_number(static_cast<std::uint64_t>(value), sizeof value);
        } else if constexpr (std::same_as<T, std::byte> || std::same_as<T, char>) {
            bytes_.push_back(static_cast<std::byte>(value));
        } else if constexpr (kIsArray<T>) {
            put_each(value);
        } else if constexpr (kIsOptional<T>) {
            put(value.has_value());
            if (value) {
                put(*value);
            }
        } else if constexpr (kIsSequence<T>) {
            put(std::uint64_t{value.size()});
            put_each(value);
        } else {
            std::apply([this](const auto&... field) { (this->put(field), ...); }, fields_of(value));
        }
    }
    std::vector<std::byte> take() { return std::move(bytes_); }

private:
    template <typename T> void put_each(const T& values)
    {
        for (const auto& value : values) {
            put(value);
        }
    }
    void put_number(std::uint64_t value, std::size_t bytes)
    {
        for (; bytes != 0; --bytes, value >>= 8) {
            bytes_.push_back(static_cast<std::byte>(value));
        }
    }

    std::vector<std::byte> bytes_;
};

class FieldReader {
public:
    explicit FieldReader(std::span<const std::byte> bytes) : rest_(bytes) {}

    /// False: the bytes end before it does, or say what cannot be; `value` is then something in between.
    template <typename T> [[nodiscard]] bool get(T& value)
    {
        if constexpr (std::same_as<T, bool>) {
            std::uint8_t byte = 0;
            const bool read = get(byte) && byte <= 1;
            value = byte != 0;
            return read;
        } else if constexpr (PlainNumber<T>) {
            return get_number(value);
        } else if constexpr (std::same_as<T, std::byte> || std::same_as<T, char>) {
            std::uint8_t byte = 0;
            const bool read = get(byte);
            value = static_cast<T>(byte);
            return read;
        } else if constexpr (kIsArray<T>) {
            return get_each(value);
        } else if constexpr (kIsOptional<T>) {
            bool there = false;
            typename T::value_type inner{};
            if (!get(there) || (there && !get(inner))) {
                return false;
            }
            value = there ? T(std::move(inner)) : T();
            return true;
        } else if constexpr (kIsSequence<T>) {
            std::uint64_t size = 0;
            if (!get(size) || size > rest_.size()) { // each element takes a byte at least
                return false;
            }
            value.clear();
            value.resize(size);
            return get_each(value);
        } else {
            const bool read =
                std::apply([this](auto&... field) { return (this->get(field) && ...); }, fields_of(value));
            if constexpr (requires { value.possible(); }) {
                return read && value.possible();
            } else {
                return read;
            }
        }
    }
    bool at_end() const { return rest_.empty(); }

private:
    template <typename T> bool get_each(T& values)
    {
        for (auto& value : values) {
            if (!get(value)) {
                return false;
            }
        }
        return true;
    }
    template <typename T> bool get_number(T& value)
    {
        if (rest_.size() < sizeof value) {
            return false;
        }
        std::uint64_t number = 0;
        for (std::size_t i = sizeof value; i != 0; --i) {
            number = number << 8 | std::to_integer<std::uint64_t>(rest_[i - 1]);
        }
        rest_ = rest_.subspan(sizeof value);
        value = static_cast<T>(number);
        return true;
    }

    std::span<const std::byte> rest_;
};

template <typename T> std::vector<std::byte> to_bytes(const T& object)
{
    FieldWriter writer;
    writer.put(object);
    return writer.take();
}

/// False: `bytes` are not those of such an object, all of them; `object` is then something in between.
template <typename T> [[nodiscard]] bool from_bytes(std::span<const std::byte> bytes, T& object)
{
    FieldReader reader(bytes);
    return reader.get(object) && reader.at_end();
}

} // namespace ringcheck
