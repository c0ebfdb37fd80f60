GREETING = "hello from release one"
