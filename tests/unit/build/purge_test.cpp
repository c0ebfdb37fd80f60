// SPDX-License-Identifier: Apache-2.0
#include "controller/build/purge.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <sstream>

namespace trueup::build {
namespace {

PurgeInputs inputs() {
    PurgeInputs inputs;
    inputs.image_id = "sha256:0123";
    inputs.reference = "shop-api";
    inputs.program = "python3.11";
    inputs.files = {"/srv/a.pyc", "/srv/$b \"c\".pyc"};
    return inputs;
}

std::vector<std::string> lines(const std::string& text) {
    std::vector<std::string> list;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) list.push_back(line);
    return list;
}

boost::json::array words_of(const std::string& line) {
    EXPECT_TRUE(line.starts_with("RUN ")) << line;
    return boost::json::parse(line.substr(4)).as_array();
}

TEST(PurgeDockerfile, TheImagesOwnPythonRemovesTheFiles) {
    const auto text = lines(purge_dockerfile(inputs(), ""));
    ASSERT_EQ(text.size(), 2U);
    EXPECT_EQ(text[0], "FROM shop-api");
    const boost::json::array words = words_of(text[1]);
    EXPECT_EQ(words.at(0), "python3.11");
    EXPECT_EQ(words.at(1), "-I");
    EXPECT_EQ(words.at(words.size() - 2), "2f7372762f612e707963");
    EXPECT_EQ(words.at(words.size() - 1), "2f7372762f2462202263222e707963");
}

TEST(PurgeDockerfile, WithoutAnInterpreterRmDoes) {
    PurgeInputs without = inputs();
    without.program.clear();
    const auto text = lines(purge_dockerfile(without, "root"));
    ASSERT_EQ(text.size(), 2U);
    EXPECT_EQ(text[1], R"(RUN ["rm","-f","--","/srv/a.pyc","/srv/$b \"c\".pyc"])");
}

TEST(PurgeDockerfile, AnotherUserIsPutBackAsItWas) {
    const auto text = lines(purge_dockerfile(inputs(), "$who:app"));
    ASSERT_EQ(text.size(), 4U);
    EXPECT_EQ(text[1], "USER 0");
    EXPECT_EQ(text[3], "USER \\$who:app");
}

TEST(PurgeDockerfile, NoLineIsLongerThanABuilderReads) {
    PurgeInputs many = inputs();
    many.files.clear();
    for (int number = 0; number < 3000; ++number)
        many.files.push_back(fmt::format("/srv/{}/{}.pyc", std::string(100, 'd'), number));
    std::size_t removed = 0;
    for (const std::string& line : lines(purge_dockerfile(many, "0"))) {
        EXPECT_LT(line.size(), 65'535U);
        if (line.starts_with("RUN ")) removed += words_of(line).size() - 6;
    }
    EXPECT_EQ(removed, 3000U);
}

}    // namespace
}    // namespace trueup::build
