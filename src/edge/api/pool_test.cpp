// SPDX-License-Identifier: Apache-2.0
#include "edge/api/pool.h"

#include <gtest/gtest.h>

#include <future>
#include <stdexcept>

namespace huoqi::api {
namespace {

// Holds the only worker until opened.
struct Gate {
    explicit Gate(Pool& pool) {
        std::promise<void> entered;
        auto inside = entered.get_future();
        pool.post([&entered, wait = opened.get_future().share()] {
            entered.set_value();
            wait.wait();
        });
        inside.wait();
    }
    std::promise<void> opened;
};

TEST(Pool, TakesNoMoreThanMayWait) {
    Pool pool(1, 2);
    Gate gate(pool);
    EXPECT_TRUE(pool.try_post([] {}));
    EXPECT_TRUE(pool.try_post([] {}));
    EXPECT_FALSE(pool.try_post([] {}));
    EXPECT_EQ(pool.waiting(), 2U);
    gate.opened.set_value();
}

TEST(Pool, ContinuationsAreTakenWhenFullAndGoFirst) {
    std::string order;
    {
        Pool pool(1, 1);
        Gate gate(pool);
        EXPECT_TRUE(pool.try_post([&] { order += "t"; }));
        pool.post([&] { order += "c"; });
        pool.post([&] { order += "c"; });
        gate.opened.set_value();
    }
    EXPECT_EQ(order, "cct");
}

TEST(Pool, WhatWaitsIsRunBeforeItStops) {
    std::atomic<int> done = 0;
    Pool pool(2, 100);
    for (int i = 0; i < 50; ++i) EXPECT_TRUE(pool.try_post([&] { ++done; }));
    pool.stop();
    EXPECT_EQ(done, 50);
    EXPECT_FALSE(pool.try_post([&] { ++done; }));
    pool.post([&] { ++done; });
    EXPECT_EQ(done, 50);
}

TEST(Pool, TaskThatThrowsDoesNotEndItsWorker) {
    Pool pool(1, 10);
    std::promise<void> after;
    pool.post([] { throw std::runtime_error("test"); });
    pool.post([&] { after.set_value(); });
    after.get_future().wait();
}

}  // namespace
}  // namespace huoqi::api
