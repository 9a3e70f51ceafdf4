// SPDX-License-Identifier: MIT
// Every line that --json prints is as the published schema describes it: 'ringcheck schema' is the schema, valijson the
// judge.
#include "cli/program.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <map>
#include <set>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

namespace {

using cli_test::ringcheck;
using nlohmann::json;
using Adapter = valijson::adapters::NlohmannJsonAdapter;

class JsonSchema : public ::testing::Test {
protected:
    static const json& document()
    {
        static const json text = json::parse(ringcheck("schema").out);
        return text;
    }

    /// What is wrong with `line`, or "".  A line is held against its type's own definition, for a better message.
    static std::string problem(const json& line)
    {
        const std::string type = line.is_object() ? line.value("type", "") : "";
        if (!types().contains(type)) {
            return "no type of the schema: '" + type + "'";
        }
        static std::map<std::string, valijson::Schema> schemas;
        if (!schemas.contains(type)) {
            json of_type = document();
            of_type["oneOf"] = json::array({{{"$ref", "#/definitions/" + type}}});
            valijson::SchemaParser(valijson::SchemaParser::kDraft7).populateSchema(Adapter(of_type), schemas[type]);
        }
        valijson::Validator validator;
        valijson::ValidationResults results;
        if (validator.validate(schemas[type], Adapter(line), &results)) {
            return "";
        }
        std::string text;
        for (const auto& error : results) {
            for (const std::string& step : error.context) {
                text += step;
            }
            text += ": " + error.description + "\n";
        }
        return text.empty() ? "refused" : text;
    }

    /// The types that the schema offers at the top.
    static const std::set<std::string>& types()
    {
        static const std::set<std::string> all = [] {
            std::set<std::string> names;
            for (const json& choice : document()["oneOf"]) {
                const std::string reference = choice["$ref"];
                names.insert(reference.substr(reference.rfind('/') + 1));
            }
            return names;
        }();
        return all;
    }

    /// Runs a command; each line must be valid.  @return the types that came
    std::set<std::string> types_of(const std::string& arguments, int status)
    {
        const cli_test::Ran ran = ringcheck(arguments);
        EXPECT_EQ(ran.status, status) << arguments << "\n" << ran.err;
        std::set<std::string> seen;
        for (const std::string& text : ran.lines()) {
            const json line = json::parse(text, nullptr, false);
            EXPECT_EQ(problem(line), "") << arguments << "\n" << text;
            seen.insert(line.is_object() ? line.value("type", "") : "no object");
        }
        return seen;
    }
};

using Types = std::set<std::string>;

TEST_F(JsonSchema, DescribesARun)
{
    EXPECT_EQ(types_of("run $KERNEL --program hello --all --json", 0),
              (Types{"console", "transition", "exit", "summary"}));
    EXPECT_EQ(types_of("run $KERNEL --type help --limit 200000 --json", 1),
              (Types{"console", "transition", "summary"}));
}

TEST_F(JsonSchema, DescribesAnExplanation)
{
    EXPECT_EQ(types_of("explain $KERNEL --program read_kernel --json", 0), (Types{"explanation"}));
    EXPECT_EQ(types_of("explain $KERNEL --at 1 --json", 1), (Types{"nothing"}));
}

TEST_F(JsonSchema, DescribesARecording)
{
    EXPECT_EQ(types_of("record $KERNEL --program hello --json", 0), (Types{"recording"}));
    EXPECT_EQ(types_of("record $KERNEL --program hello --limit 55000 --json", 1), (Types{"recording"}));
}

TEST_F(JsonSchema, DescribesAReplay)
{
    EXPECT_EQ(types_of("replay $KERNEL $TRACES/hello.trace --json", 0), (Types{"trace", "totals"}));
    const support::TemporaryFolder folder;
    std::string trace = cli_test::read_file(AETHEL_TRACES "/hello.trace");
    trace.replace(trace.find("Ring 3"), 6, "Ring 0");
    std::ofstream(folder.path("changed.trace")) << trace;
    EXPECT_EQ(types_of("replay $KERNEL --json " + folder.path("changed.trace"), 1), (Types{"trace", "totals"}));
}

TEST_F(JsonSchema, DescribesAComparison)
{
    const support::TemporaryFolder folder;
    std::ofstream(folder.path("empty.log"));
    EXPECT_EQ(types_of("compare $KERNEL $TRACES/hello.trace --json --log " + folder.path("empty.log"), 1),
              (Types{"trace"}));
}

TEST_F(JsonSchema, DescribesAnImport)
{
    const support::TemporaryFolder folder;
    std::ofstream(folder.path("hello.strace")) << "execve(\"./hello\", [\"./hello\"], []) = 0\n"
                                                  "exit(0) = ?\n+++ exited with 0 +++\n";
    EXPECT_EQ(types_of("import $KERNEL --program hello --json " + folder.path("hello.strace"), 0),
              (Types{"skipped", "import"}));
}

TEST_F(JsonSchema, DescribesTheRules)
{
    EXPECT_EQ(types_of("rules --json", 0), (Types{"rule"}));
}

TEST_F(JsonSchema, DescribesSteps)
{
    EXPECT_EQ(types_of("step $KERNEL --program read_kernel --at read_kernel:main --count 60 --json", 0),
              (Types{"step", "transition"}));
    EXPECT_EQ(types_of("step $KERNEL --at 0x1 --json", 1), (Types{"nothing"}));
}

TEST_F(JsonSchema, DescribesACheck)
{
    EXPECT_EQ(types_of("check $KERNEL --program hello --json", 0), (Types{"case", "check_totals"}));
}

TEST_F(JsonSchema, DescribesTheOptions)
{
    EXPECT_EQ(types_of("manual --json", 0), (Types{"command"}));
}

TEST_F(JsonSchema, RefusesWhatItDoesNotDescribe)
{
    const json rule = json::parse(ringcheck("rules --json").lines().at(0));
    ASSERT_EQ(problem(rule), "");
    json changed = rule;
    changed["undocumented"] = 1;
    EXPECT_NE(problem(changed), "");
    changed = rule;
    changed.erase("citation");
    EXPECT_NE(problem(changed), "");
    changed = rule;
    changed["schema"] = "ringcheck/2";
    EXPECT_NE(problem(changed), "");
    changed = rule;
    changed["statement"] = 5;
    EXPECT_NE(problem(changed), "");
}

TEST_F(JsonSchema, HasADefinitionAndADescriptionForEachType)
{
    for (const std::string& type : types()) {
        EXPECT_TRUE(document()["definitions"][type].contains("description")) << type;
        EXPECT_EQ(document()["definitions"][type]["properties"]["type"]["const"], type);
        EXPECT_EQ(document()["definitions"][type]["properties"]["schema"]["const"], document()["title"]);
    }
}

} // namespace
