// SPDX-License-Identifier: MIT
// Property: an object is found by its number from insert to remove, also among others of its bucket.
#include "process/id_table.h"

#include <gtest/gtest.h>

namespace {

enum class Id : std::uint64_t {};
struct Object {
    Id id{};
    Object* next_in_bucket = nullptr;
};

TEST(IdTable, FindsWhatWasInsertedAndNothingElse)
{
    kernel::IdTable<Object, 4> table;
    Object objects[12];
    for (unsigned i = 0; i < 12; ++i) {
        objects[i].id = Id{i};
        table.insert(objects[i]);
    }
    for (const unsigned gone : {0u, 5u, 8u, 11u}) { // the last, middle and first of their buckets
        table.remove(objects[gone]);
        EXPECT_EQ(table.find(Id{gone}), nullptr);
    }
    for (const unsigned there : {1u, 2u, 3u, 4u, 6u, 7u, 9u, 10u}) {
        EXPECT_EQ(table.find(Id{there}), &objects[there]);
    }
    EXPECT_EQ(table.find(Id{12}), nullptr);
}

TEST(IdTableDeathTest, RefusesToRemoveAStranger)
{
    kernel::IdTable<Object, 4> table;
    Object stranger;
    EXPECT_DEATH(table.remove(stranger), "nullptr");
}

} // namespace
