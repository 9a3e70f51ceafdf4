// SPDX-License-Identifier: MIT
#include "stress/session.h"

#include <stdexcept>

namespace stress {
namespace {

/// More than the shell needs for its answers, and than anybody who is left may live.
constexpr std::uint64_t kAnswer = 100'000'000, kLife = 2'000'000'000;

void require(const std::string& failure)
{
    if (!failure.empty()) {
        throw std::runtime_error(failure);
    }
}

} // namespace

Session::Session(const Image& image, bool canary) : machine_(image.kernel, image.initrd, image.vendor)
{
    if (canary) {
        require(machine_.type({"run canary"}, kAnswer));
    }
}

void Session::keep_after(const std::vector<std::string>& lines)
{
    living_ = machine_.living();
    require(machine_.type(lines, kLife));
    require(machine_.settle(living_, kLife));
    require(read_health(before_));
    machine_.keep();
    console_ = machine_.console_size();
}

std::string Session::judge(bool kill_who_is_left)
{
    constexpr std::uint64_t kSoon = 50'000'000;
    std::string failure = machine_.settle(living_, kill_who_is_left ? kSoon : kLife);
    if (!failure.empty() && kill_who_is_left) {
        failure = machine_.kill_youngest(machine_.living() - living_, kAnswer);
    }
    if (failure.empty()) {
        failure = machine_.type({""}, kAnswer); // the shell collects what ended in the background
    }
    Health after;
    if (failure.empty()) {
        failure = read_health(after);
    }
    if (const std::string broken = machine_.broken(); !broken.empty()) {
        return broken;
    }
    if (!failure.empty()) {
        return failure;
    }
    if (machine_.console_since(console_).find("canary:") != std::string::npos) {
        return "the canary was harmed";
    }
    const std::string changed = difference(before_, after);
    return changed.empty() ? machine_.missing_frames() : changed;
}

std::string Session::read_health(Health& health)
{
    const std::size_t begin = machine_.console_size();
    // Where the prompt is there already, the first line is typed behind it.
    const std::string failure = machine_.type(kHealthLines, kAnswer);
    std::string text = machine_.console_since(begin);
    if (!text.starts_with("eldarin> ")) {
        text = "eldarin> " + text;
    }
    health = Health::of(attack::read_console(text));
    return failure;
}

} // namespace stress
