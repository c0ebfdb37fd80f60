// SPDX-License-Identifier: Apache-2.0
#include "controller/render/content.hpp"

#include <gtest/gtest.h>

#include "controller/base/text.hpp"
#include "tests/unit/render/small_project.hpp"

namespace trueup::render::test {
namespace {

const std::string key = "of the tests";

model::FileObject object(model::FileOrigin origin, const std::string& content) {
    model::FileObject made;
    made.origin = origin;
    made.path = origin == model::FileOrigin::commit ? "conf/" + content : "";
    made.content = origin == model::FileOrigin::commit ? "" : content;
    made.content_id = origin == model::FileOrigin::commit ? "id of " + content : "";
    return made;
}

model::Project with_files() {
    model::Project project = rich_project();
    model::Service& service = project.services.at("api");
    service.variable_files = {{"a.env", "one"}};
    service.from_variable_files = {"FROM_FILE"};
    service.environment["FROM_FILE"] = "one";
    project.configs["tuned"] = object(model::FileOrigin::content, "level=1");
    project.configs["filed"] = object(model::FileOrigin::commit, "filed.ini");
    project.secrets["password"] = object(model::FileOrigin::environment, "hunter2");
    service.configs = {{"tuned", "/tuned", "", "", std::nullopt},
                       {"filed", "/filed", "", "", std::nullopt}};
    service.secrets = {{"password", "/run/secrets/password", "", "", std::nullopt}};
    return project;
}

std::string label_of(const model::Project& project, std::string_view with = key) {
    return content_label(project, project.services.at("api"), with);
}

using Change = void (*)(model::Project&, model::Service&);
model::Strings changed_by(Change change) {
    model::Project project = with_files();
    change(project, project.services.at("api"));
    return changed_contents(label_of(with_files()), label_of(project));
}

TEST(ContentLabel, NamesWhatHasAnotherContent) {
    EXPECT_EQ(changed_by([](auto&, auto&) {}), model::Strings());
    EXPECT_EQ(changed_by([](auto&, auto& it) { it.variable_files[0].content_id = "two"; }),
              model::Strings{"a.env"});
    EXPECT_EQ(changed_by([](auto&, auto& it) {
                  it.variable_files[0].content_id = "two";
                  it.environment["FROM_FILE"] = "two";
                  it.environment["MORE"] = "";
                  it.from_variable_files.insert("MORE");
              }),
              model::Strings{"a.env"});
    EXPECT_EQ(changed_by([](auto& project, auto&) { project.configs["tuned"].content = "2"; }),
              model::Strings{"config tuned"});
    EXPECT_EQ(changed_by([](auto& project, auto&) { project.configs["filed"].content_id = "2"; }),
              model::Strings{"conf/filed.ini"});
    EXPECT_EQ(changed_by([](auto& project, auto&) { project.secrets["password"].content = "2"; }),
              model::Strings{"secret password"});
    EXPECT_EQ(changed_by([](auto& project, auto& it) {
                  project.secrets["password"].content = "2";
                  it.variable_files[0].content_id = "two";
              }),
              (model::Strings{"a.env", "secret password"}));
}

TEST(ContentLabel, NamesTheFileOfTheCommitThatIsWritten) {
    model::Project before = with_files();
    before.services.at("api").configs[1].mode = 0400;
    before.configs["filed"].content = "one";
    model::Project now = before;
    now.configs["filed"].content = "two";
    now.configs["filed"].content_id = "id of two";
    EXPECT_EQ(changed_contents(label_of(before), label_of(now)), model::Strings{"conf/filed.ini"});
}

TEST(ContentLabel, NamesNothingWhereMoreChanged) {
    EXPECT_EQ(changed_by([](auto&, auto& it) {
                  it.variable_files[0].content_id = "two";
                  it.environment["OWN"] = "two";
              }),
              model::Strings());
    EXPECT_EQ(changed_by([](auto& project, auto& it) {
                  project.configs["tuned"].content = "2";
                  it.configs[0].target = "/elsewhere";
              }),
              model::Strings());
}

TEST(ContentLabel, HoldsNoContent) {
    const std::string label = label_of(with_files());
    EXPECT_EQ(label.find("hunter2"), std::string::npos);
    EXPECT_EQ(label.find("level"), std::string::npos);
    EXPECT_NE(label, label_of(with_files(), "another key"));
    EXPECT_NE(label_of(with_files(), "").find(" secret password"), std::string::npos);
}

TEST(ContentLabel, OfAServiceWithoutContentIsEmpty) {
    const model::Project project = small_project();
    EXPECT_EQ(content_label(project, project.services.begin()->second, key), "");
    EXPECT_EQ(changed_contents("", ""), model::Strings());
}

TEST(ContentLabel, AnotherToolsLabelMeansNothing) {
    const std::string now = label_of(with_files());
    for (const std::string& text : {std::string("x"), std::string("\n\n\n"), now.substr(1),
                                    std::string(100, 'a'), now.substr(0, 15)})
        EXPECT_EQ(changed_contents(text, now), model::Strings()) << text;
    // The same rest, and lines of nobody's: all contents are another.
    EXPECT_EQ(changed_contents(now.substr(0, 16) + "\nshort\n", now).size(), 5U);
}

TEST(ContentLabel, TellsNothingWithoutTheKeyAndOldOnesStillCompare) {
    const model::Project project = with_files();
    const model::Service& service = project.services.at("api");
    const auto lines = [](const std::string& label) { return base::split(label, '\n'); };
    const std::string one = label_of(project);
    const std::string other = label_of(project, "another key");
    ASSERT_EQ(lines(one).size(), lines(other).size());
    for (std::size_t at = 0; at < lines(one).size(); ++at)
        EXPECT_NE(lines(one)[at], lines(other)[at]) << at;
    const std::string former = former_content_label(project, service, key);
    EXPECT_NE(lines(former).front(), lines(one).front());
    model::Project changed = project;
    changed.configs["tuned"].content = "2";
    EXPECT_EQ(
        changed_contents(former, former_content_label(changed, changed.services.at("api"), key)),
        model::Strings{"config tuned"});
}

}    // namespace
}    // namespace trueup::render::test
