// SPDX-License-Identifier: MIT
#include "trap/identity_calls.h"

#include "cpu/user_copy.h"
#include "process/harbor.h"

namespace kernel {

using arch::VirtAddr;
using base::fail;
using base::Result;
using uapi::Error;

namespace {

constexpr std::uint32_t kRoot = 0, kAsItIs = ~std::uint32_t{0};

std::uint64_t number_of(VesselId id)
{
    return static_cast<std::uint64_t>(id);
}

bool is_possible(std::uint64_t id)
{
    return static_cast<std::uint32_t>(id) == kRoot || static_cast<std::uint32_t>(id) == kAsItIs;
}

/// By a number in a register, 0 for the caller.
Result<Vessel*> find_vessel(std::uint64_t id)
{
    return static_cast<std::int32_t>(id) == 0 ? &caller() : harbor.find_by_number(id);
}

bool is_group_of(VesselId group, VesselId session)
{
    const Vessel* const member = harbor.member_of(group);
    return member != nullptr && member->session == session;
}

} // namespace

Result<std::uint64_t> set_identity(std::uint64_t id)
{
    return static_cast<std::uint32_t>(id) == kRoot ? Result<std::uint64_t>(0) : fail(Error::Eperm);
}

Result<std::uint64_t> set_identities(std::uint64_t real, std::uint64_t effective, std::uint64_t saved)
{
    const bool possible = is_possible(real) && is_possible(effective) && is_possible(saved);
    return possible ? Result<std::uint64_t>(0) : fail(Error::Eperm);
}

Result<std::uint64_t> get_identities(VirtAddr real, VirtAddr effective, VirtAddr saved)
{
    for (const VirtAddr place : {real, effective, saved}) {
        TRY(write_user(place, kRoot));
    }
    return 0;
}

Result<std::uint64_t> getgroups(std::uint64_t count)
{
    return static_cast<std::int32_t>(count) < 0 ? fail(Error::Einval) : Result<std::uint64_t>(0);
}

Result<std::uint64_t> setgroups(std::uint64_t count, VirtAddr groups)
{
    constexpr std::uint32_t kMaximumGroups = 65536;
    const auto number = static_cast<std::uint32_t>(count);
    if (number > kMaximumGroups) {
        return fail(Error::Einval);
    }
    for (std::uint32_t i = 0; i < number; ++i) {
        if (TRY(read_user<std::uint32_t>(groups + i * sizeof(std::uint32_t))) != kRoot) {
            return fail(Error::Eperm);
        }
    }
    return 0;
}

Result<std::uint64_t> setpgid(std::uint64_t id, std::uint64_t group)
{
    const auto wanted = static_cast<std::int32_t>(group);
    if (wanted < 0) {
        return fail(Error::Einval);
    }
    Vessel& self = caller();
    Vessel& vessel = *TRY(find_vessel(id));
    if (&vessel != &self && vessel.parent != &self) {
        return fail(Error::Esrch);
    }
    if (vessel.session != self.session || vessel.session == vessel.id) {
        return fail(Error::Eperm);
    }
    if (&vessel != &self && vessel.executed) {
        return fail(Error::Eacces);
    }
    const VesselId to = wanted == 0 ? vessel.id : VesselId{static_cast<std::uint64_t>(wanted)};
    if (to != vessel.id && !is_group_of(to, self.session)) {
        return fail(Error::Eperm);
    }
    vessel.group = to;
    return 0;
}

Result<std::uint64_t> getpgid(std::uint64_t id)
{
    return number_of(TRY(find_vessel(id))->group);
}

Result<std::uint64_t> getsid(std::uint64_t id)
{
    return number_of(TRY(find_vessel(id))->session);
}

std::uint64_t getpgrp()
{
    return number_of(caller().group);
}

Result<std::uint64_t> setsid()
{
    Vessel& self = caller();
    if (harbor.member_of(self.id) != nullptr) {
        return fail(Error::Eperm); // also when it has left that group itself
    }
    self.group = self.id;
    self.session = self.id;
    return number_of(self.id);
}

} // namespace kernel
