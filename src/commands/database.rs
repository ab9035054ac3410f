//! `boathouse database`: create and list, beside a running server or without one.

use model::{DatabaseName, Result};
use services::{Databases, Metadata, operator};

use super::block_on;
use crate::args::DatabaseCommand;
use crate::config::StorageConfig;
use crate::data_dir::DataDir;
use crate::wire;

/// # Errors
/// Those of the databases and of opening their storage.
pub fn database(command: DatabaseCommand) -> Result<()> {
    match command {
        DatabaseCommand::Create { name, storage, place } => {
            let config = StorageConfig::new(place)?;
            let data = DataDir::create(&config.data_dir)?;
            let name = DatabaseName::new(name)?;
            block_on(async {
                let databases = wire::databases(&data, &config).await?;
                databases.create(&operator(), &name, storage).await
            })?;
            eprintln!("database {name} created");
            Ok(())
        }
        DatabaseCommand::List { place } => {
            let config = StorageConfig::new(place)?;
            let metadata = Metadata::open(&DataDir::open(&config.data_dir)?.metadata())?;
            // Listing reads the metadata alone; no storage is opened.
            list(&Databases::new(metadata, Vec::new(), config.default_database))
        }
    }
}

fn list(databases: &Databases) -> Result<()> {
    println!("{:<32} {:<10} id", "name", "storage");
    for record in block_on(databases.records(&operator()))? {
        println!("{:<32} {:<10} {}", record.info.name.as_str(), record.info.kind.as_str(), record.info.id);
    }
    Ok(())
}
