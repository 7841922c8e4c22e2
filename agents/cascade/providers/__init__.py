"""Model servers, one file each, all behind `agents.cascade.ports.Provider`."""
