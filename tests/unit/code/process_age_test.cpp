// SPDX-License-Identifier: Apache-2.0
#include "controller/code/process_age.hpp"

#include <gtest/gtest.h>

namespace trueup::code {
namespace {

SystemTime at(std::string_view clock) {
    return *base::parse_rfc3339("2026-01-01T" + std::string(clock) + "Z");
}

std::int64_t nanoseconds(SystemTime time) {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count();
}

const std::string started = "2026-01-01T10:00:00.5Z";
const std::string conf = "/etc/app.conf";
const std::string module = "/srv/app/main.py";

class ProcessAge : public ::testing::Test {
protected:
    ProcessAge() {
        put(conf, "one", "09:00:00");
        put(module, "one", "09:00:00");
    }

    void put(const std::string& path, const std::string& content, std::string_view clock) {
        put(path, content, clock, clock);
    }
    void put(const std::string& path, const std::string& content, std::string_view changed,
             std::string_view modified) {
        found_.files[path] = {content, nanoseconds(at(changed)), nanoseconds(at(modified))};
    }
    void look_first(std::string_view clock = "10:00:01") {
        record_ = first_look(started, found_, at(clock));
    }
    // "PATH changed|removed|differs COUNT"; "" = nothing.
    std::string told(std::string_view clock = "11:00:00") {
        judgement_ = judge(record_, found_, at(clock));
        if (judgement_.age.count == 0) return {};
        return to_text(judgement_.age, started);
    }

    BoundFiles found_;
    ProcessRecord record_;
    ProcessJudgement judgement_;
};

TEST_F(ProcessAge, NothingIsSaidOfFilesThatAreOlder) {
    look_first();
    EXPECT_EQ(told(), "");
    EXPECT_TRUE(judgement_.settled);
}

TEST_F(ProcessAge, AnotherContentIsTold) {
    look_first();
    put(conf, "two", "10:14:02");
    EXPECT_EQ(told(), "started 2026-01-01T10:00:00Z, /etc/app.conf changed 2026-01-01T10:14:02Z");
    put(module, "two", "10:15:00");
    EXPECT_EQ(
        told(),
        "started 2026-01-01T10:00:00Z, /etc/app.conf changed 2026-01-01T10:14:02Z, and 1 more "
        "file");
    put(conf, "one", "10:20:00");
    EXPECT_EQ(told(),
              "started 2026-01-01T10:00:00Z, /srv/app/main.py changed 2026-01-01T10:15:00Z");
}

TEST_F(ProcessAge, AnotherTimeAloneIsNothing) {
    look_first();
    put(conf, "one", "10:14:02");
    EXPECT_EQ(told(), "");
}

TEST_F(ProcessAge, AnOlderTimeOnAnotherContentIsSeenThrough) {
    look_first();
    put(conf, "two", "10:14:02", "08:00:00");
    EXPECT_EQ(told(), "started 2026-01-01T10:00:00Z, /etc/app.conf changed 2026-01-01T10:14:02Z");
    put(conf, "two", "08:00:00");
    EXPECT_EQ(told(), "started 2026-01-01T10:00:00Z, /etc/app.conf is another since");
}

TEST_F(ProcessAge, WhatHadChangedBeforeTheFirstLookIsToldByBothTimes) {
    put(conf, "one", "10:14:02");
    put(module, "one", "10:14:02", "09:00:00");    // chmod, or a restored time
    look_first("10:30:00");
    EXPECT_EQ(told(), "started 2026-01-01T10:00:00Z, /etc/app.conf changed 2026-01-01T10:14:02Z");
}

TEST_F(ProcessAge, TimesInTheFutureTellNothing) {
    put(conf, "one", "12:00:00");
    look_first();
    EXPECT_EQ(told("10:00:02"), "");
    EXPECT_EQ(told("13:00:00"), "");
    put(conf, "two", "12:00:00");
    EXPECT_EQ(told("11:00:00"), "started 2026-01-01T10:00:00Z, /etc/app.conf is another since");
    EXPECT_TRUE(judgement_.settled);
}

TEST_F(ProcessAge, NewAndRemovedFilesAreTold) {
    look_first();
    put("/srv/app/new.py", "one", "10:14:02");
    EXPECT_EQ(told(), "started 2026-01-01T10:00:00Z, /srv/app/new.py changed 2026-01-01T10:14:02Z");
    found_.files.erase("/srv/app/new.py");
    found_.files.erase(module);
    found_.moved = nanoseconds(at("10:14:02"));
    EXPECT_EQ(told(), "started 2026-01-01T10:00:00Z, /srv/app/main.py was removed");
}

TEST_F(ProcessAge, AMountThatCannotBeReadTellsNothing) {
    look_first();
    found_.files.erase(module);
    found_.left_out = {"/srv/app"};
    found_.unseen = "/srv/app: Permission denied";
    EXPECT_EQ(told(), "");
    EXPECT_EQ(judgement_.age.unseen, "/srv/app: Permission denied");
}

TEST_F(ProcessAge, NothingIsSaidWhileFilesAreWritten) {
    look_first();
    put(conf, "two", "10:59:59.5");
    put(module, "two", "10:30:00");
    EXPECT_EQ(told(), "");
    EXPECT_FALSE(judgement_.settled);
    EXPECT_NE(told("11:00:01"), "");
    EXPECT_TRUE(judgement_.settled);
    found_.changing = true;
    EXPECT_EQ(told("11:00:01"), "");
    EXPECT_FALSE(judgement_.settled);
}

// The process has what lies there now, so the same must not be said of it once more.
TEST_F(ProcessAge, AfterARestartNothingIsLeft) {
    look_first();
    put(conf, "two", "10:14:02");
    put(module, "two", "12:00:00");
    EXPECT_NE(told(), "");
    record_ = first_look("2026-01-01T11:00:00Z", found_, at("11:00:01"));
    EXPECT_EQ(told("11:00:02"), "");
    EXPECT_EQ(told("13:00:00"), "");
}

TEST_F(ProcessAge, ARecordIsReadAsItWasWritten) {
    put(conf, "one", "10:14:02");
    look_first("10:30:00");
    ASSERT_EQ(record_.late.size(), 1U);
    EXPECT_EQ(parse_process_record(to_text(record_)), record_);
    for (const std::string_view text :
         {"", "[]", "{}", R"({"startedAt":1,"contents":{},"late":{}})",
          R"({"startedAt":"","contents":{"a":1},"late":{}})",
          R"({"startedAt":"","contents":{},"late":{"a":"b"}})",
          R"({"startedAt":"","contents":{}})"})
        EXPECT_FALSE(parse_process_record(text)) << text;
}

}    // namespace
}    // namespace trueup::code
